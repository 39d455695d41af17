import type { CheckOf, CheckSpec } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Look } from './look.ts'

/** How one kind of check looks at the cluster. */
export interface CheckKind<K extends CheckSpec['kind']> {
  /** Looks once. May throw `NotMet` for a red look; anything else thrown means the harness failed. */
  look(spec: CheckOf<K>, round: Round): Promise<Look>
  /** Shortest time the answer must stay good, in seconds, whatever the author wrote. @default 0 */
  minHold?: number
  /**
   * What it claims must be so all the time, not just in the end: once it was seen green and believed, a red ends the check as `fail` even if it
   * is green again later. @default false
   */
  mustStay?: boolean
}
