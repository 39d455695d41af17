import { poll } from '@hoplab/core'
import { type KubeObject, refusalOf } from '@hoplab/kube'
import type { FaultAction } from '@hoplab/model'
import { HOP_VERB_FAILED } from '../errors.ts'
import type { Acting } from './acting.ts'
import { isReady, waitUntil } from './wait-until.ts'

/** A deleted object that is not gone after this is reported. Milliseconds; longer than a Pod's default grace period of 30 s. */
const goneWithinMs = 60_000

/** Carries out actions in order and stops at the first that fails. @throws HOP_VERB_FAILED, HOP_KUBE_REFUSED */
export async function act(actions: readonly FaultAction[], acting: Acting): Promise<void> {
  for (const action of actions) await actOne(action, acting)
}

async function actOne(action: FaultAction, acting: Acting): Promise<void> {
  switch (action.act) {
    case 'patch': return patch(action, acting)
    case 'create': return create(action.object as KubeObject, acting)
    case 'remove': return remove(action.ref, acting)
    case 'recreate': {
      const object = action.object as KubeObject
      await remove({ ...action.object, ...action.object.metadata }, acting)
      return create(object, acting)
    }
    case 'exec': return exec(action, acting)
    case 'node': return onNode(action, acting)
    case 'restart-pods': return restartPods(action, acting)
    case 'replace-pods': return replacePods(action, acting)
    case 'wait': return waitUntil(action.until, acting)
  }
}

type Of<A extends FaultAction['act']> = Extract<FaultAction, { act: A }>
type Ref = { apiVersion: string; kind: string; name: string; namespace?: string | undefined }
const refOf = ({ apiVersion, kind, name, namespace }: Ref): { apiVersion: string; kind: string; name: string; namespace?: string } =>
  ({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) })

async function patch({ ref, value }: Of<'patch'>, { cluster: { kube }, undoing, deadline }: Acting): Promise<void> {
  await kube.patch(refOf(ref), 'merge', value, deadline).catch((error: unknown) => {
    if (!undoing || refusalOf(error)?.status !== 404) throw error
  })
}

/** Made already by an earlier, interrupted try: no error. */
async function create(object: KubeObject, { cluster: { kube }, deadline }: Acting): Promise<void> {
  await kube.create(object, deadline).catch((error: unknown) => {
    if (refusalOf(error)?.status !== 409) throw error
  })
}

async function remove(ref: Ref, { cluster: { kube }, where, deadline }: Acting): Promise<void> {
  const wanted = refOf(ref)
  const before = await kube.get(wanted, deadline)
  if (!before) return
  await kube.delete(wanted, deadline, ref.kind === 'Pod' ? { gracePeriodSeconds: 1 } : {})
  const gone = await poll(() => kube.get(wanted, deadline), { deadline, everyMs: 100, withinMs: goneWithinMs, until: (now) => now?.metadata.uid !== before.metadata.uid })
  if (!gone.ok) throw HOP_VERB_FAILED({ verb: `remove ${ref.kind} ${ref.name}`, where, output: `It still exists after ${goneWithinMs / 1000} s.` })
}

async function exec({ namespace, name, argv }: Of<'exec'>, { cluster: { kube }, where, undoing, deadline }: Acting): Promise<void> {
  if (undoing && !await kube.get({ apiVersion: 'v1', kind: 'Pod', name, namespace }, deadline)) return
  const result = await kube.exec({ namespace, pod: name }, argv, deadline)
  if (result.exitCode !== 0) throw HOP_VERB_FAILED({ verb: `pod ${name} ${argv.join(' ')}`, where, output: `exit code ${result.exitCode}: ${result.stderr || result.stdout}` })
}

async function onNode({ node, script }: Of<'node'>, { cluster, where, deadline }: Acting): Promise<void> {
  const result = await cluster.toolbox(node).exec(['sh', '-s'], { deadline, input: `set -eu\n${script}\n` })
  if (result.exitCode !== 0) throw HOP_VERB_FAILED({ verb: `node ${node} ${script}`, where, output: `exit code ${result.exitCode}: ${result.stderr || result.stdout}` })
}

async function restartPods({ namespace, label }: Of<'restart-pods'>, { cluster: { kube }, where, deadline }: Acting): Promise<void> {
  const list = (): Promise<KubeObject[]> => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: label }, deadline)
  const old = (await list()).map((pod) => pod.metadata)
  for (const { name } of old) await kube.delete({ apiVersion: 'v1', kind: 'Pod', name, namespace }, deadline, { gracePeriodSeconds: 1 })
  const uids = new Set(old.map((pod) => pod.uid))
  const anew = await poll(list, {
    deadline, everyMs: 100, withinMs: goneWithinMs, until: (now) => now.filter((pod) => !uids.has(pod.metadata.uid) && isReady(pod)).length >= old.length && now.every((pod) => !uids.has(pod.metadata.uid)),
  })
  if (!anew.ok) throw HOP_VERB_FAILED({ verb: `restart Pods ${label}`, where, output: `Not all are replaced after ${goneWithinMs / 1000} s.` })
}

async function replacePods({ range }: Of<'replace-pods'>, acting: Acting): Promise<void> {
  const { cluster: { kube }, deadline } = acting
  const prefix = range.slice(0, range.lastIndexOf('.') + 1)
  const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)).filter((pod) => (pod.status as { podIP?: string } | undefined)?.podIP?.startsWith(prefix))
  for (const pod of pods) {
    const { metadata: { name, namespace, labels, ownerReferences = [] }, spec } = pod
    const ref = { apiVersion: 'v1', kind: 'Pod', name, ...(namespace === undefined ? {} : { namespace }) }
    await remove(ref, acting)
    if (ownerReferences.length === 0) await create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}) }, spec }, acting)
  }
}
