import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from './port.ts'

/** How far the newest version of a DaemonSet, Deployment or StatefulSet has got, in Pods. */
export interface RollOut {
  /** Its controller has seen the newest change; the counts may be of the version before where it has not. */
  seen: boolean
  /** Asked for. */
  wanted: number
  /** There, of whichever version. */
  existing: number
  /** Of the newest version. All wanted ones where older Pods are replaced only when somebody deletes them (`OnDelete`): they may stay for ever. */
  newest: number
  ready: number
  /** Ready for `minReadySeconds`. */
  available: number
}

interface Spec { replicas?: number; updateStrategy?: { type?: string } }

/** Reads the roll-out from the status that the object's controller wrote (Kubernetes API reference, apps/v1); a count that is absent is 0. */
export function rollOutOf(object: KubeObject): RollOut {
  const spec = (object.spec ?? {}) as Spec
  const status = (object.status ?? {}) as Record<string, number | undefined>
  const count = (field: string): number => status[field] ?? 0
  const daemons = object.kind === 'DaemonSet'
  const wanted = daemons ? count('desiredNumberScheduled') : spec.replicas ?? 1
  const [existing, newest, ready, available] = (daemons ? ['currentNumberScheduled', 'updatedNumberScheduled', 'numberReady', 'numberAvailable'] : ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas']).map(count) as [number, number, number, number]
  return { seen: count('observedGeneration') >= (object.metadata.generation ?? 0), wanted, existing, newest: spec.updateStrategy?.type === 'OnDelete' ? wanted : newest, ready, available }
}

/** What a DaemonSet still lacks to run its newest version on `nodeCount` nodes, or (undefined) on as many as it is meant for; empty when nothing. */
export async function daemonSetPending(
  kube: KubeClient, ref: { namespace: string; name: string }, nodeCount: number | undefined, deadline: Deadline,
): Promise<string[]> {
  const found = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...ref }, deadline)
  const name = `DaemonSet ${ref.namespace}/${ref.name}`
  if (!found) return [`${name} does not exist`]
  const { seen, wanted, newest, available } = rollOutOf(found)
  if (!seen) return [`${name} has a change that its controller has not seen yet`]
  const asked = nodeCount ?? wanted
  const lacking = ([[wanted, 'is meant to run on'], [newest, 'runs its newest version on'], [available, 'is available on']] as const).find(([count]) => count !== asked)
  return lacking ? [`${name} ${lacking[1]} ${lacking[0]} of ${asked} nodes`] : []
}

/** What a Deployment still lacks to run its newest version with all its replicas and no older ones; empty when nothing. */
export async function deploymentPending(kube: KubeClient, ref: { namespace: string; name: string }, deadline: Deadline): Promise<string[]> {
  const found = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', ...ref }, deadline)
  const name = `Deployment ${ref.namespace}/${ref.name}`
  if (!found) return [`${name} does not exist`]
  const { seen, wanted, existing, newest, available } = rollOutOf(found)
  if (!seen) return [`${name} has a change that its controller has not seen yet`]
  if (newest < wanted) return [`${name} has ${newest} of ${wanted} Pods of its newest version`]
  if (available < wanted) return [`${name} has ${available} of ${wanted} Pods available`]
  return existing > wanted ? [`${name} still has ${existing - wanted} Pods of an older version`] : []
}
