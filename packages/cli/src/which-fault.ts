import { randomInt } from 'node:crypto'
import type { FaultMaterial } from '@hoplab/engine'
import { isForNetwork, type SavedLab } from '@hoplab/model'
import { HOP_USAGE } from './errors.ts'

/** What is known of a lab that is up, as far as faults go. */
type Standing = Pick<SavedLab, 'faults' | 'cni' | 'proxyMode'>

/** Name of the fault to put in. `any` draws one of those that this network has and that are not in, so that whoever practises does not know which. @throws HOP_USAGE when none is left */
export function faultToBreak(asked: string | undefined, faults: readonly FaultMaterial[], standing: Standing): string {
  if (asked !== undefined && asked !== 'any') return asked
  const left = faults.filter((fault) => isForNetwork(fault, standing) && !standing.faults.includes(fault.name))
  const drawn = left[left.length > 0 ? randomInt(left.length) : 0]
  if (!drawn) throw HOP_USAGE({ said: 'Every fault that this lab has on this network is in.', fix: 'Take one back with "hoplab break FAULT --undo"; "hoplab break" lists them.' })
  return drawn.name
}

/** Name of the fault to take back: the one that is in, when none is named. @throws HOP_USAGE when none or several are in */
export function faultToUndo(asked: string | undefined, { faults }: Standing): string {
  if (asked !== undefined && asked !== 'any') return asked
  const [only, ...others] = faults
  if (only !== undefined && others.length === 0) return only
  const said = only === undefined ? 'No fault is in.' : `${faults.length} faults are in; "--undo" needs the number or name of one of them.`
  throw HOP_USAGE({ said, fix: 'Run "hoplab break" to see which faults are in.' })
}
