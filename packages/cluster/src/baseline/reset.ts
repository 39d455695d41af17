import { type Deadline, messageOf, poll } from '@hoplab/core'
import { describeRef, type KubeClient, type KubeObject, refOf, refusalOf, type ResourceType } from '@hoplab/kube'
import type { Baseline, Difference } from '../port.ts'
import { restorePrograms } from './node-programs.ts'
import { clusterObjects, fresh, labObjects, wanted } from './objects.ts'
import { isSystem, settled, settleWithinMs } from './settled.ts'
import { type BaselineSubject, nodeStates } from './take.ts'
import { forgetUnanswered } from './unanswered.ts'
import { isWorn } from './worn.ts'

/** Bound in which nodes must look as at hand-over again. Milliseconds; the longer one after the CNI's or kube-proxy's objects or a node's programs were put back. */
const nodesWithinMs = { ordinarily: 5_000, afterSystem: 20_000 }

/** Puts programs of nodes back, then objects, waits for roll-outs, then compares: objects and nodes. At last nodes forget what nobody answered; nothing else is undone on them. */
export async function resetTo(subject: BaselineSubject, baseline: Baseline, deadline: Deadline): Promise<Difference[]> {
  const { kube } = subject
  const programs = await restorePrograms(subject, baseline, deadline)
  await restoreNamespaces(kube, baseline, deadline)
  const offered = await kube.resourceTypes(deadline)
  const now = await objectsNow(subject, offered, baseline, deadline)
  const before = new Map(baseline.objects.map((object) => [keyOf(object), object]))
  const extra = [...now.values()].filter((object) => !before.has(keyOf(object)))
  const changed = baseline.objects.filter((object) => object.kind !== 'Namespace' && wantedOf(now.get(keyOf(object))) !== wanted(object))
  await Promise.all(extra.map((object) => removeExtra(kube, object, deadline)))
  await Promise.all(changed.map((object) => restoreUncontested(kube, object, now.get(keyOf(object)), deadline)))
  const worn = baseline.objects.filter((object) => !changed.includes(object) && isWorn(object, now.get(keyOf(object))))
  await Promise.all(worn.map((object) => makeAnew(kube, object, now.get(keyOf(object)), deadline)))
  // Also when nothing was written: a learner may have deleted Pods a moment ago.
  await settled(subject, baseline, deadline)
  const after = extra.length + changed.length + worn.length === 0 ? now : await objectsNow(subject, offered, baseline, deadline)
  const system = programs !== undefined || [...extra, ...changed].some((object) => isSystem(object, subject))
  const onNodes = await nodeDifferences(subject, baseline, system ? nodesWithinMs.afterSystem : nodesWithinMs.ordinarily, deadline)
  await forgetUnanswered(subject, deadline)
  return [...programs ?? [], ...objectDifferences(baseline, after), ...onNodes]
}

const keyOf = (object: KubeObject): string => `${object.apiVersion.split('/').slice(0, -1).join('')} ${describeRef(refOf(object))}`
const namespacesOf = (baseline: Baseline): string[] => baseline.objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name)
const wantedOf = (object: KubeObject | undefined): string => (object && object.metadata.deletionTimestamp === undefined ? wanted(object) : '')

async function objectsNow({ kube, cniNamespace }: BaselineSubject, offered: readonly ResourceType[], baseline: Baseline, deadline: Deadline): Promise<Map<string, KubeObject>> {
  const found = await Promise.all([labObjects(kube, offered, namespacesOf(baseline), deadline), clusterObjects(kube, offered, cniNamespace, deadline)])
  return new Map(found.flat().map((object) => [keyOf(object), object]))
}

/** A namespace that is going away must be gone before it can be made again. */
async function restoreNamespaces(kube: KubeClient, baseline: Baseline, deadline: Deadline): Promise<void> {
  await Promise.all(baseline.objects.filter((object) => object.kind === 'Namespace').map(async (object) => {
    const ref = refOf(object)
    await poll(() => kube.get(ref, deadline), { deadline, until: (found) => found?.metadata.deletionTimestamp === undefined, withinMs: settleWithinMs })
    const found = await kube.get(ref, deadline)
    if (!found) await kube.create(fresh(object), deadline)
    else if (wanted(found) !== wanted(object)) await kube.replace({ ...found, metadata: { ...found.metadata, labels: object.metadata.labels ?? {}, annotations: object.metadata.annotations ?? {} } }, deadline)
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: object.metadata.name }
    await poll(() => kube.get(account, deadline), { deadline, until: (one) => one !== undefined, everyMs: 100, withinMs: 10_000 })
  }))
}

/** Nodes that joined are not removed here; they show up as a difference. */
async function removeExtra(kube: KubeClient, object: KubeObject, deadline: Deadline): Promise<void> {
  if (object.kind === 'Node' || object.kind === 'Namespace') return
  await removeWholly(kube, object, deadline)
}

async function removeWholly(kube: KubeClient, object: KubeObject, deadline: Deadline): Promise<void> {
  await kube.delete(refOf(object), deadline, { propagation: 'Foreground', ...(object.kind === 'Pod' ? { gracePeriodSeconds: 1 } : {}) })
  await poll(() => kube.get(refOf(object), deadline), { deadline, until: (found) => found === undefined || found.metadata.uid !== object.metadata.uid, everyMs: 100, withinMs: settleWithinMs })
}

/** Most times that one object is read and written: a controller or kubelet that writes its status in between makes the version that was read stale. */
const mostReadings = 5

/** Puts one object back, from a new reading when somebody else wrote to it after the last one (409, Kubernetes API conventions, "Concurrency Control and Consistency"). */
async function restoreUncontested(kube: KubeClient, object: KubeObject, now: KubeObject | undefined, deadline: Deadline): Promise<void> {
  let found = now
  for (let left = mostReadings - 1; ; left--) {
    try {
      return await restore(kube, object, found, deadline)
    } catch (error) {
      if (refusalOf(error)?.status !== 409 || left === 0) throw error
      found = await kube.get(refOf(object), deadline)
    }
  }
}

/** In place where the server allows it; an immutable field needs delete and create. */
async function restore(kube: KubeClient, object: KubeObject, now: KubeObject | undefined, deadline: Deadline): Promise<void> {
  if (object.kind === 'Node') { if (now) await restoreNode(kube, object, now, deadline); return }
  if (now?.metadata.deletionTimestamp !== undefined) await removeWholly(kube, now, deadline)
  if (!now || now.metadata.deletionTimestamp !== undefined) { await kube.create(creatable(object), deadline); return }
  try {
    const { resourceVersion } = now.metadata
    await kube.replace({ ...fresh(object), metadata: { ...fresh(object).metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) } } as KubeObject, deadline)
  } catch (error) {
    if (refusalOf(error)?.status !== 422) throw error
    await makeAnew(kube, object, now, deadline)
  }
}

async function makeAnew(kube: KubeClient, object: KubeObject, now: KubeObject | undefined, deadline: Deadline): Promise<void> {
  if (now) await removeWholly(kube, now, deadline)
  const made = await poll(() => kube.create(creatable(object), deadline).then(() => undefined, (error: unknown) => error), { deadline, until: (error) => !isStillHeld(error), everyMs: 100, withinMs: heldMs })
  if (made.last !== undefined) throw made.last
}

/** How long the API server may hold the address or port of a Service that is gone, in milliseconds: it lets go of them after the object, and one that comes at once is refused (seen here). */
const heldMs = 5_000

const isStillHeld = (error: unknown): boolean => /already allocated/u.test(refusalOf(error)?.message ?? '')

/** A Pod is scheduled anew: the node it was on need not be free. A Service keeps its address, which others may know. */
function creatable(object: KubeObject): KubeObject {
  if (object.kind !== 'Pod') return fresh(object)
  const { nodeName: _node, ...spec } = object.spec as Record<string, unknown>
  return { ...fresh(object), spec }
}

async function restoreNode(kube: KubeClient, object: KubeObject, now: KubeObject, deadline: Deadline): Promise<void> {
  const before = object.metadata.labels ?? {}
  const extra = Object.fromEntries(Object.keys(now.metadata.labels ?? {}).filter((key) => !(key in before)).map((key) => [key, null]))
  const spec = object.spec as { taints?: unknown[] }
  await kube.patch(refOf(object), 'merge', { metadata: { labels: { ...before, ...extra } }, spec: { taints: spec.taints ?? null, unschedulable: null } }, deadline)
}

function objectDifferences(baseline: Baseline, now: ReadonlyMap<string, KubeObject>): Difference[] {
  const before = new Map(baseline.objects.map((object) => [keyOf(object), object]))
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((key) => {
    const [then, current] = [before.get(key), now.get(key)]
    if (then && current && wanted(then) === wanted(current)) return []
    return [{ where: 'API', what: key.trim(), baseline: then ? wanted(then).slice(0, 400) : '', now: current ? wanted(current).slice(0, 400) : '' }]
  })
}

async function nodeDifferences(subject: BaselineSubject, baseline: Baseline, withinMs: number, deadline: Deadline): Promise<Difference[]> {
  const compare = async (): Promise<Difference[]> => {
    try {
      return stateDifferences(baseline.nodes, await nodeStates(subject, deadline))
    } catch (error) {
      deadline.throwIfOver()
      return [{ where: 'nodes', what: 'state', baseline: 'readable', now: messageOf(error) }]
    }
  }
  return (await poll(compare, { deadline, until: (found) => found.length === 0, everyMs: 500, withinMs })).last
}

/** One difference per line that one side has and the other has not. */
export function stateDifferences(before: Baseline['nodes'], now: Baseline['nodes']): Difference[] {
  return Object.entries(before).flatMap(([node, aspects]) => Object.entries(aspects).flatMap(([aspect, text]) => {
    const [then, current] = [text.split('\n'), (now[node]?.[aspect] ?? '').split('\n')]
    const lost = then.filter((line) => !current.includes(line))
    const added = current.filter((line) => !then.includes(line))
    return lost.length + added.length === 0 ? [] : [{ where: node, what: aspect, baseline: lost.join(' | ').slice(0, 600), now: added.join(' | ').slice(0, 600) }]
  }))
}
