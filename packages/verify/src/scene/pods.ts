import { plainLine } from '@hoplab/core'
import type { PodRef } from '@hoplab/model'
import type { Pod } from './kube-shapes.ts'
import type { Snapshot } from './snapshot.ts'

/** `namespace/name`, safe to show. */
export const podName = (pod: Pod): string => plainLine(`${pod.metadata.namespace}/${pod.metadata.name}`, 140)

/** The Pod a reference names, in words: for a `why`. */
export function describePodRef(ref: PodRef, defaultNamespace: string): string {
  const which = ref.name === undefined ? `with labels ${Object.entries(ref.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(',')}` : ref.name
  return plainLine(`Pod ${which} in namespace ${ref.namespace ?? defaultNamespace}`, 200)
}

/** Every Pod a reference names, whatever its state, by name. Succeeded and Failed ones are left out: their recorded addresses may belong to others by now. */
export function podsOf(snapshot: Snapshot, ref: PodRef, defaultNamespace: string): Pod[] {
  const namespace = ref.namespace ?? defaultNamespace
  return snapshot.pods
    .filter((pod) => pod.metadata.namespace === namespace && (ref.name === undefined ? hasLabels(pod, ref.labels ?? {}) : pod.metadata.name === ref.name))
    .filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** Whether the Pod has all of these labels. */
export function hasLabels(pod: Pod, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value)
}

/** Running, with an address, not on its way out: something can be asked of it, though it may not be Ready. */
export function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && pod.status.podIP !== undefined && pod.metadata.deletionTimestamp === undefined
}

/** Running and Ready: what a Service sends requests to. */
export function isBackend(pod: Pod): boolean {
  return isRunning(pod) && (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
}

/** Why a Pod is not running, in the kubelet's words where it has some, or in the scheduler's. */
export function stateOf(pod: Pod): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'being deleted'
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  // What preemption would do is said after why no node will do.
  if (unscheduled) return plainLine(`on no node yet (${unscheduled.message?.replace(/\. (?:no new claims to deallocate, )?preemption: .*$/su, '') ?? unscheduled.reason ?? 'not scheduled'})`, 300)
  const waiting = pod.status?.containerStatuses?.find((status) => status.state?.waiting?.reason)?.state?.waiting?.reason
  const unready = isRunning(pod) && !isBackend(pod) ? 'Running but not Ready' : undefined
  return plainLine(waiting ?? unready ?? pod.status?.phase ?? 'in no known phase', 80)
}

/** The Pod that has this address and is not finished. A node's address belongs to no single Pod: hostNetwork Pods are left out. */
export function podAt(snapshot: Snapshot, address: string): Pod | undefined {
  return snapshot.pods.find((pod) => pod.spec?.hostNetwork !== true && pod.status?.phase === 'Running'
    && (pod.status.podIP === address || (pod.status.podIPs ?? []).some(({ ip }) => ip === address)))
}
