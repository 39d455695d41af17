import { neverReadyAnnotation } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'

/** A bare Pod whose containers were restarted since: its volumes and counts tell of it, though it is wanted as before. One that is never ready restarts by itself. */
export function isWorn(object: KubeObject, now: KubeObject | undefined): boolean {
  return object.kind === 'Pod' && now !== undefined && object.metadata.annotations?.[neverReadyAnnotation] !== 'true' && restartsOf(now) > restartsOf(object)
}

function restartsOf({ status }: KubeObject): number {
  const { initContainerStatuses = [], containerStatuses = [] } = (status ?? {}) as Record<'initContainerStatuses' | 'containerStatuses', { restartCount?: number }[] | undefined>
  return [...initContainerStatuses, ...containerStatuses].reduce((sum, { restartCount = 0 }) => sum + restartCount, 0)
}
