import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PhaseResult } from '@hoplab/model'
import { type Coordinate, coordinate } from './row.ts'

/** Why cases were not as declared on this machine: too long for the ledger, and not committed. */
export const deviationsFile = join(import.meta.dirname, '../../proof/.deviations.jsonl')

/** Adds which case it is and all that its checks saw, as one line. */
export async function appendDeviation(cell: Coordinate, phase: PhaseResult, file = deviationsFile): Promise<void> {
  await appendFile(file, `${JSON.stringify({ ...coordinate.strip().parse(cell), phase })}\n`)
}
