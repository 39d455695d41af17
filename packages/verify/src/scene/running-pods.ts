import type { PodRef } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import type { Round } from '../round.ts'
import type { Pod } from './kube-shapes.ts'
import { podsCommand } from './origin.ts'
import { describePodRef, isRunning, podName, podsOf, stateOf } from './pods.ts'

/** Every Pod a reference names, all of them running. Throws `NotMet` naming what is missing. */
export function runningPods(round: Round, ref: PodRef): Pod[] {
  const wanted = describePodRef(ref, round.defaultNamespace)
  const pods = podsOf(round.snapshot, ref, round.defaultNamespace).filter((pod) => pod.metadata.deletionTimestamp === undefined)
  const command = podsCommand(ref.namespace ?? round.defaultNamespace)
  if (pods.length === 0) throw new NotMet(`There is no ${wanted}.`, [{ witness: 'api', observed: 'no such Pod', expected: wanted, command }])
  const idle = pods.find((pod) => !isRunning(pod))
  if (idle) throw new NotMet(`Pod ${podName(idle)} is not running: ${stateOf(idle)}.`, [{ witness: 'api', observed: stateOf(idle), expected: 'Running', command }])
  return pods
}
