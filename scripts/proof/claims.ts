import type { ClaimProof, ClaimsFile, Verdict } from '@hoplab/model'
import type { Row } from './row.ts'
import { seenVerdicts } from './report.ts'
import { type Asked, type Standing, standings } from './standing.ts'

/** A planned proof as claims need it: with the folder of its case, e.g. `faults/1-selector-typo`; empty for a case that has none. */
export type ClaimCell = Asked & { folder: string }

/** How one proof of a claim stands: in how many planned proofs its check was green or red as it must be, by standing of the row. */
export interface ClaimStanding { id: string; proof: ClaimProof; green: Record<Standing, number>; red: Record<Standing, number> }

/**
 * Holds the claims against the ledger: the check must pass in every solution of its lab and fail in the counter-case. A row in which it did not counts
 * as `red`, and so does one of these inputs that is not as declared in whatever way.
 */
export function claimStandings({ claims }: Pick<ClaimsFile, 'claims'>, cells: readonly ClaimCell[], rows: readonly Row[]): ClaimStanding[] {
  const all = standings(cells, rows)
  const count = (one: ClaimProof, isCase: (cell: ClaimCell) => boolean, asked: Verdict): Record<Standing, number> => {
    const numbers: Record<Standing, number> = { proven: 0, red: 0, stale: 0, missing: 0 }
    for (const { cell, standing, row } of all) {
      if (cell.lab !== one.lab || !isCase(cell)) continue
      const seen = row && seenVerdicts(row).get(one.check)
      // Where a network cannot show it, nothing is claimed.
      if (seen !== 'not-offered') numbers[row && seen !== asked ? 'red' : standing] += 1
    }
    return numbers
  }
  return claims.flatMap(({ id, proof }) => proof.map((one) => ({
    id, proof: one, green: count(one, (cell) => cell.case.startsWith('solution:'), 'pass'), red: count(one, (cell) => cell.folder === one.counterCase, 'fail'),
  })))
}

/** {@link claimStandings} as text: one line for each half of a proof. */
export function claimStandingsText(all: readonly ClaimStanding[]): string {
  return all.flatMap(({ id, proof, green, red }) => [
    `${id} ${proof.lab} ${proof.check} passes in solutions: ${counted(green)}`,
    `${id} ${proof.lab} ${proof.check} fails in ${proof.counterCase}: ${counted(red)}`,
  ]).join('\n')
}

function counted(numbers: Record<Standing, number>): string {
  const words: Record<Standing, string> = { proven: 'proven', red: 'NOT SO', stale: 'so with older inputs', missing: 'not tried' }
  return (Object.keys(words) as Standing[]).filter((standing) => numbers[standing] > 0).map((standing) => `${numbers[standing]} ${words[standing]}`).join(', ') || 'nothing planned'
}
