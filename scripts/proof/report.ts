import type { Verdict } from '@hoplab/model'
import { label, type Row } from './row.ts'
import { type Asked, type Standing, standings } from './standing.ts'

/** What the ledger says in numbers. Cells are single checks in single rows. */
export interface Totals {
  rows: Record<Standing, number>
  /** Cells of fault rows that are declared to be anything but green, and those of them that were seen as declared. */
  required: number
  caught: number
  /** Cells of fault rows declared green that were not. */
  collateral: number
  /** Cells of healthy rows, and those that were not green. */
  healthy: number
  falseVerdicts: number
  /** What keeps the numbers from being whole, one line each. */
  complaints: string[]
}

/** Adds up what the newest row of each planned proof says. Stale rows count: what they showed was true of their inputs. */
export function totalsOf(planned: readonly Asked[], rows: readonly Row[]): Totals {
  const totals: Totals = { rows: { proven: 0, red: 0, stale: 0, missing: 0 }, required: 0, caught: 0, collateral: 0, healthy: 0, falseVerdicts: 0, complaints: [] }
  for (const { cell, standing, row } of standings(planned, rows)) {
    totals.rows[standing] += 1
    if (!row) { totals.complaints.push(`missing  ${label(cell)}`); continue }
    if (!row.asDeclared) totals.complaints.push(`red      ${label(cell)}: ${row.deviation ?? ''}`)
    if (row.case.startsWith('fault:')) addFault(totals, row)
    if (row.case === 'healthy') addHealthy(totals, row)
  }
  return totals
}

/** Declared verdict of every check of a row of a fault: what was seen, but where that is wrong. */
export function declaredVerdicts(row: Row): Map<string, string> {
  const declared = new Map(seenVerdicts(row))
  for (const { check, declared: asked } of row.wrong ?? []) declared.set(check, asked)
  return new Map(declared)
}

/** Seen verdict of every check of a row. */
export function seenVerdicts(row: Row): Map<string, string> {
  return new Map(Object.entries(row.verdicts).flatMap(([verdict, ids = []]) => ids.map((id) => [id, verdict] as const)))
}

function addFault(totals: Totals, row: Row): void {
  const wrong = new Set(row.wrong?.map(({ check }) => check))
  for (const [check, declared] of declaredVerdicts(row)) {
    if ((declared satisfies string as Verdict) === 'pass') totals.collateral += wrong.has(check) ? 1 : 0
    else if (declared !== 'not-offered') {
      totals.required += 1
      totals.caught += wrong.has(check) ? 0 : 1
    }
  }
}

function addHealthy(totals: Totals, row: Row): void {
  for (const [, verdict] of seenVerdicts(row)) {
    if (verdict === 'not-offered') continue
    totals.healthy += 1
    totals.falseVerdicts += verdict === 'pass' ? 0 : 1
  }
}

/** {@link totalsOf} as text. */
export function totalsText({ rows, required, caught, collateral, healthy, falseVerdicts, complaints }: Totals): string {
  const planned = rows.proven + rows.red + rows.stale + rows.missing
  return [
    ...complaints,
    `rows: ${rows.proven} of ${planned} proven with these very inputs, ${rows.stale} of older inputs, ${rows.missing} missing, ${rows.red} red`,
    `mutation score: ${caught} of ${required} cells that must not be green (${required === 0 ? 'none yet' : `${(100 * caught / required).toFixed(1)} %`}); ${collateral} cells red that must be green`,
    `healthy: ${healthy} verdicts, ${falseVerdicts} of them false`,
  ].join('\n')
}
