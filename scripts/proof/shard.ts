import { createHash } from 'node:crypto'
import { type Coordinate, groupOf, label, type Row } from './row.ts'
import { seenVerdicts } from './report.ts'

/** Cases that one gate run proves again. */
export const shardSize = 5

/**
 * The cases that the gate proves again for a commit: of one lab, CNI, proxy mode and seed, so that one cluster serves. The same commit always gives the
 * same choice, and over many commits every case comes round. Repeats of a case are one case.
 */
export function shardOf<T extends Coordinate>(planned: readonly T[], commit: string, size = shardSize): T[] {
  const groups = [...Map.groupBy(planned.filter(({ repeat }) => repeat === 1), groupOf)]
  const [chosen] = groups.toSorted(([a], [b]) => byLot(commit, a, b))
  const cells = chosen?.[1] ?? []
  const drawn = new Set(cells.toSorted((a, b) => byLot(commit, label(a), label(b))).slice(0, size))
  return cells.filter((cell) => drawn.has(cell))
}

/** How a row that was proven just now disagrees with the ledger's row of the same key, one line each. */
export function disagreements(now: Row, ledger: Row | undefined): string[] {
  if (!ledger || ledger.key !== now.key) return []
  const before = seenVerdicts(ledger)
  const seen = seenVerdicts(now)
  return [...new Set([...before.keys(), ...seen.keys()])].filter((check) => before.get(check) !== seen.get(check))
    .map((check) => `${label(now)}: ${check} is ${seen.get(check) ?? 'not looked at'}, in the ledger ${before.get(check) ?? 'not looked at'}`)
}

function byLot(commit: string, a: string, b: string): number {
  return lot(commit, a) < lot(commit, b) ? -1 : 1
}

const lot = (commit: string, name: string): string => createHash('sha256').update(`${commit}\0${name}`).digest('hex')
