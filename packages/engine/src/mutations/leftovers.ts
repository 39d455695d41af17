import type { Baseline, Difference, RunningCluster } from '@hoplab/cluster'
import { canonicalJson, type Deadline, poll } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'

/** Bound in which a cluster must look as before again. Milliseconds; kube-proxy and the CNI write once more after their Pods are back. */
const backWithinMs = 20_000

/**
 * What differs from `before` (a baseline of `namespaces`, taken before a fault was put in) now that the fault is taken back; empty = nothing is left of it.
 * Compares objects as somebody wants them (not their status, versions or what a controller made) and every aspect of every node that a baseline holds.
 * Looks again until nothing differs or 20 s are over; never throws for a difference.
 */
export async function undoLeftovers(cluster: RunningCluster, before: Baseline, namespaces: readonly string[], deadline: Deadline): Promise<Difference[]> {
  const look = async (): Promise<Difference[]> => {
    const now = await cluster.takeBaseline(namespaces, deadline)
    return [...objectDifferences(before.objects, now.objects), ...nodeDifferences(before.nodes, now.nodes)]
  }
  return (await poll(look, { deadline, everyMs: 500, maxEveryMs: 2_000, withinMs: backWithinMs, until: (found) => found.length === 0 })).last
}

function objectDifferences(before: readonly KubeObject[], now: readonly KubeObject[]): Difference[] {
  const [then, current] = [byKey(before), byKey(now)]
  return [...new Set([...then.keys(), ...current.keys()])]
    .map((key) => ({ where: 'API', what: key, baseline: then.get(key) ?? '', now: current.get(key) ?? '' }))
    .filter((one) => one.baseline !== one.now)
}

const byKey = (objects: readonly KubeObject[]): Map<string, string> =>
  new Map(objects.map((object) => [`${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`, wantedText(object)]))

/** Annotations that controllers, clients and network plugins keep for themselves; Calico notes the Pod's address and sandbox, which a new Pod has anew. */
const kept = /^(?:cni\.projectcalico\.org\/(?:containerID|podIPs?)$|deployment\.kubernetes\.io\/revision|deprecated\.daemonset\.template\.generation|kubectl\.kubernetes\.io\/last-applied|node\.alpha\.kubernetes\.io\/|volumes\.kubernetes\.io\/)/u

function wantedText(object: KubeObject): string {
  const { labels = {}, annotations = {} } = object.metadata
  const { metadata: _metadata, status: _status, ...rest } = object
  const noted = Object.fromEntries(Object.entries(annotations).filter(([key]) => !kept.test(key)))
  return canonicalJson({ labels, annotations: noted, ...(object.kind === 'Pod' ? { spec: unplaced(rest.spec as Record<string, unknown>) } : rest) })
}

/** A bare Pod may come back on another node. */
function unplaced({ nodeName: _node, ...spec }: Record<string, unknown>): unknown {
  return spec
}

/** One difference per aspect of a node, with the lines that only one side has. */
function nodeDifferences(before: Baseline['nodes'], now: Baseline['nodes']): Difference[] {
  return Object.entries(before).flatMap(([node, aspects]) => Object.entries(aspects).flatMap(([aspect, text]) => {
    const [then, current] = [text.split('\n'), (now[node]?.[aspect] ?? '').split('\n')]
    const [lost, added] = [then.filter((line) => !current.includes(line)), current.filter((line) => !then.includes(line))]
    return lost.length + added.length === 0 ? [] : [{ where: node, what: aspect, baseline: lost.join(' | '), now: added.join(' | ') }]
  }))
}
