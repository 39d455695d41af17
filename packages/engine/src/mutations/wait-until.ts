import { poll } from '@hoplab/core'
import { daemonSetPending, deploymentPending, type KubeObject } from '@hoplab/kube'
import type { FaultAction } from '@hoplab/model'
import { HOP_VERB_FAILED } from '../errors.ts'
import type { Acting } from './acting.ts'

type State = Extract<FaultAction, { act: 'wait' }>['until']

/** A state that is not reached after this is reported. Milliseconds; the kubelet tells a Node's lost network within some 10 s (measured here). */
const reachedWithinMs = 90_000

/** Waits until the cluster says what a fault needs to be in, or to be gone. @throws HOP_VERB_FAILED when it never does */
export async function waitUntil(state: State, acting: Acting): Promise<void> {
  const { deadline, where } = acting
  const result = await poll(() => lacking(state, acting), { deadline, everyMs: 100, maxEveryMs: 500, withinMs: reachedWithinMs, until: (reasons) => reasons.length === 0 })
  if (!result.ok) throw HOP_VERB_FAILED({ verb: `wait until ${describe(state)}`, where, output: `${result.last.join('; ')} after ${reachedWithinMs / 1000} s.` })
}

function describe(state: State): string {
  if (state.state === 'no-pods') return `no Pod ${state.label} is left`
  if (state.state === 'service-account') return `namespace ${state.namespace} has its account`
  return state.state === 'rolled-out' ? `${state.kind} ${state.name} is rolled out` : `${state.state} ${state.name} is ${state.is}`
}

/** Why the state is not reached yet; empty when it is. */
async function lacking(state: State, acting: Acting): Promise<string[]> {
  switch (state.state) {
    case 'rolled-out': return rollOutLacks(state, acting)
    case 'no-pods': return podsLeft(state, acting)
    case 'service-account': return accountLacks(state, acting)
    case 'pod': return podLacks(state, acting)
    case 'node': return nodeLacks(state, acting)
  }
}

type Of<S extends State['state']> = Extract<State, { state: S }>

async function rollOutLacks({ kind, namespace, name }: Of<'rolled-out'>, { cluster, deadline }: Acting): Promise<string[]> {
  return kind === 'Deployment'
    ? deploymentPending(cluster.kube, { namespace, name }, deadline)
    : daemonSetPending(cluster.kube, { namespace, name }, cluster.nodes.length, deadline)
}

async function podsLeft({ namespace, label, node }: Of<'no-pods'>, { cluster: { kube }, deadline }: Acting): Promise<string[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: label }, deadline)
  return pods.filter((pod) => node === undefined || (pod.spec as { nodeName?: string }).nodeName === node).map((pod) => `Pod ${pod.metadata.name} is left`)
}

/** The API server refuses Pods until the controller has made this account, some time after the Namespace. */
async function accountLacks({ namespace }: Of<'service-account'>, { cluster: { kube }, deadline }: Acting): Promise<string[]> {
  return await kube.get({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace }, deadline) ? [] : ['there is no ServiceAccount default']
}

async function podLacks({ namespace, name, is }: Of<'pod'>, { cluster: { kube }, undoing, deadline }: Acting): Promise<string[]> {
  const pod = await kube.get({ apiVersion: 'v1', kind: 'Pod', name, namespace }, deadline)
  if (!pod) return undoing ? [] : [`there is no Pod ${name}`]
  const now = is === 'running' ? phaseOf(pod) === 'Running' : isReady(pod) === (is === 'ready')
  return now ? [] : [`Pod ${name} is not ${is}`]
}

async function nodeLacks({ name, is }: Of<'node'>, { cluster: { kube }, deadline }: Acting): Promise<string[]> {
  const node = await kube.get({ apiVersion: 'v1', kind: 'Node', name }, deadline)
  return node && isReady(node) === (is === 'ready') ? [] : [`Node ${name} is not ${is}`]
}

const phaseOf = (pod: KubeObject): string | undefined => (pod.status as { phase?: string } | undefined)?.phase

/** Whether the condition Ready is True. */
export function isReady(object: KubeObject): boolean {
  const { conditions = [] } = (object.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some((one) => one.type === 'Ready' && one.status === 'True')
}
