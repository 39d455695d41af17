import { plainLine } from '@hoplab/core'
import { type KubeObject, rollOutOf } from '@hoplab/kube'
import type { Pod } from '../scene/kube-shapes.ts'
import { isBackend, podName, stateOf } from '../scene/pods.ts'
import { slicesAreCurrent } from '../scene/services.ts'
import type { Heartbeats, Progressing, Snapshot } from '../scene/snapshot.ts'

/** Reasons the kubelet or scheduler gives that do not go away by waiting. CrashLoopBackOff is none of them: the next start may work. */
const stuckReasons = new Set(['ImagePullBackOff', 'ErrImageNeverPull', 'ErrImagePull', 'InvalidImageName', 'CreateContainerConfigError', 'Unschedulable'])

/** A Pod that has not been Ready for this long is at rest, in milliseconds: longer than any `within` that a lab would give a start to. */
const restMs = 30_000

/**
 * What these namespaces are still on their way to, one sentence each; empty when they have come to rest. A Pod that is stuck for a reason
 * which waiting does not cure, or has been unready for long, is at rest, unless a Pod is just being deleted and may make room for it.
 */
export function pendingIn(namespaces: ReadonlySet<string>, snapshot: Snapshot, { workloads, heartbeats }: Progressing): string[] {
  const inside = (object: { metadata: { namespace?: string } }): boolean => namespaces.has(object.metadata.namespace ?? '')
  const pods = snapshot.pods.filter((pod) => inside(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
  const leaving = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined)
  const stuck = leaving.length > 0 ? [] : pods.filter((pod) => isStuck(pod) || isAtRest(pod, heartbeats))
  const unready = pods.filter((pod) => !isBackend(pod) && !leaving.includes(pod) && !stuck.includes(pod))
  const stuckIn = new Set(stuck.map((pod) => pod.metadata.namespace))
  return [
    ...leaving.map((pod) => `Pod ${podName(pod)} is being deleted`),
    ...unready.map((pod) => `Pod ${podName(pod)} is ${stateOf(pod)}`),
    ...workloads.filter(inside).flatMap((workload) => rolloutPending(workload, stuckIn.has(workload.metadata.namespace))),
    ...snapshot.services.filter((service) => inside(service) && !slicesAreCurrent(snapshot, service))
      .map((service) => `the EndpointSlices of Service ${service.metadata.namespace}/${service.metadata.name} do not list its ready Pods yet`),
  ].map((reason) => plainLine(reason, 200))
}

function isStuck(pod: Pod): boolean {
  const waiting = (pod.status?.containerStatuses ?? []).flatMap(({ state }) => state?.waiting?.reason ?? [])
  const unscheduled = (pod.status?.conditions ?? []).filter(({ type, status }) => type === 'PodScheduled' && status === 'False').flatMap(({ reason }) => reason ?? [])
  return [...waiting, ...unscheduled].some((reason) => stuckReasons.has(reason))
}

/** Unready for long. Both times are of the same kubelet's clock, its heartbeat's and its Pod condition's. */
function isAtRest(pod: Pod, heartbeats: Heartbeats): boolean {
  const since = pod.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'False')?.lastTransitionTime
  return since !== undefined && (heartbeats.get(pod.spec?.nodeName ?? '') ?? 0) - Date.parse(since) >= restMs
}

function rolloutPending(workload: KubeObject, hasStuckPods: boolean): string[] {
  const name = `${workload.kind} ${workload.metadata.namespace}/${workload.metadata.name}`
  const { seen, wanted, existing, newest, ready } = rollOutOf(workload)
  if (!seen) return [`${name} has a change that its controller has not seen yet`]
  if (hasStuckPods) return []
  const counts = [existing, newest, ready]
  return counts.every((count) => count === wanted) ? [] : [`${name} has ${Math.min(...counts)} of ${wanted} Pods ready in its newest version`]
}
