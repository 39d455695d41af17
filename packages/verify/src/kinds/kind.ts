import type { CheckOf, CheckSpec, ProbeOrigin, ProbeTarget } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Look } from './look.ts'

/** How checks of one shape look at the cluster. */
export interface Looking<Spec> {
  /** Looks once. May throw `NotMet` for a red look; anything else thrown means the harness failed. */
  look(spec: Spec, round: Round): Promise<Look>
  /** Shortest time the answer must stay good, in seconds, whatever the author wrote. @default 0 */
  minHold?: number
  /**
   * What it claims must be so all the time, not just in the end: once it was seen green and believed, a red ends the check as `fail` even if it
   * is green again later. @default false
   */
  mustStay?: boolean
  /** Every place packets of the check start from: their nodes' kube-proxy must have caught up. @default the spec's `from`, where it is a probe's origin */
  origins?(spec: Spec): readonly ProbeOrigin[]
  /** Whether what answers follows the API at its own pace (`paceMs` of the lab's view): a look is not believed before it has said the same for that long. @default false; targets by the load balancer are such */
  atItsOwnPace?: boolean
  /** Whether packets of the check start on every node. @default false */
  everyNode?: boolean
  /** Every place its packets go to. @default the spec's `to`, where it is a probe's target */
  targets?(spec: Spec): readonly ProbeTarget[]
}

/** One kind of check that comes with hoplab. */
export type CheckKind<K extends CheckSpec['kind']> = Looking<CheckOf<K>>
