import { type Deadline, neverReadyAnnotation, poll } from '@hoplab/core'
import { type KubeClient, type KubeObject, rollOutOf } from '@hoplab/kube'

/** Something that is still on its way. */
export interface Pending {
  what: string
  /** True when waiting cannot help, e.g. an image that is not there. */
  hopeless: boolean
}

/** How long roll-outs may take. */
export interface SettleOptions {
  deadline: Deadline
  /** Namespaces looked at besides kube-system. */
  namespaces: readonly string[]
  /** Milliseconds. */
  withinMs: number
}

const controllers = ['Deployment', 'DaemonSet', 'StatefulSet'] as const
const hopelessWaits = new Set(['ErrImageNeverPull', 'ImagePullBackOff', 'ErrImagePull', 'InvalidImageName', 'CreateContainerConfigError'])

/**
 * Waits until every roll-out is complete, every Pod ready and none on its way out.
 * Returns what is still pending when time is up; empty = settled. Never an error: a wrong solution need not settle.
 */
export async function settle(kube: KubeClient, options: SettleOptions): Promise<Pending[]> {
  const { deadline, withinMs } = options
  const result = await poll(() => pending(kube, options.namespaces, deadline), {
    deadline, withinMs, everyMs: 250, maxEveryMs: 1_000,
    until: (found) => found.length === 0,
    hopeless: (found) => found.some((one) => one.hopeless),
  })
  return result.last
}

/** One look at all roll-outs and Pods of `namespaces` and kube-system. */
export async function pending(kube: KubeClient, namespaces: readonly string[], deadline: Deadline): Promise<Pending[]> {
  const lists = await Promise.all([...controllers.map((kind) => kube.list({ apiVersion: 'apps/v1', kind }, deadline)),
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)])
  const ours = lists.flat().filter((object) => [...namespaces, 'kube-system'].includes(object.metadata.namespace ?? ''))
  return ours.flatMap((object) => (object.kind === 'Pod' ? pendingPod(object) : pendingRollOut(object)))
}

function pendingRollOut(object: KubeObject): Pending[] {
  const { seen, wanted, existing, newest, available } = rollOutOf(object)
  if (seen && [existing, newest, available].every((count) => count === wanted)) return []
  return [{ what: `${nameOf(object)}: ${available} of ${wanted} available, ${newest} of the newest form`, hopeless: false }]
}

interface PodStatus {
  phase?: string
  conditions?: { type: string; status: string }[]
  containerStatuses?: { state?: { waiting?: { reason?: string; message?: string } } }[]
}

function pendingPod(pod: KubeObject): Pending[] {
  const status = (pod.status ?? {}) as PodStatus
  if (pod.metadata.deletionTimestamp !== undefined) return [{ what: `${nameOf(pod)} is being deleted`, hopeless: false }]
  if (status.phase === 'Succeeded' || pod.metadata.annotations?.[neverReadyAnnotation] === 'true') return []
  if (status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')) return []
  const waits = (status.containerStatuses ?? []).map((container) => container.state?.waiting?.reason ?? '').filter((reason) => reason !== '')
  return [{ what: `${nameOf(pod)} is not ready (${waits.join(', ') || status.phase || 'unknown'})`, hopeless: waits.some((reason) => hopelessWaits.has(reason)) }]
}

const nameOf = (object: KubeObject): string => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`
