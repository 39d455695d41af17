import { type Coordinate, groupOf, type Inputs, label, type Row } from './row.ts'

/** How a planned proof stands in the ledger. */
export type Standing =
  /** Its row has these very inputs and is as declared. */
  | 'proven'
  /** Its row has these very inputs and is not as declared. */
  | 'red'
  /** There are rows of it, all of other inputs. */
  | 'stale'
  /** Nobody ever proved it. */
  | 'missing'

/** What is needed of a planned proof to judge it. */
export type Asked = Coordinate & { key: string; inputs: Inputs }

/** The standing of every planned proof. */
export function standings<T extends Asked>(planned: readonly T[], rows: readonly Row[]): { cell: T; standing: Standing; row: Row | undefined }[] {
  const byLabel = Map.groupBy(rows, label)
  return planned.map((cell) => {
    const mine = byLabel.get(label(cell)) ?? []
    // A red row of the same inputs is never outweighed by a later green one: that would be a retry.
    const same = mine.filter((one) => one.key === cell.key)
    const row = same.find((one) => !one.asDeclared) ?? same.at(-1) ?? mine.at(-1)
    const standing = same.length > 0 ? (row?.asDeclared ? 'proven' : 'red') : mine.length > 0 ? 'stale' : 'missing'
    return { cell, standing, row }
  })
}

/**
 * What makes the gate red, one line each: a row that is not as declared although nothing it depends on has changed since; and a proof that nobody ever
 * made although its lab was proven on that network in that mode with these very sources and images: what is begun there is told as a whole or not at
 * all. After a change of sources rows are stale, which is reported and is no failure: the shard that the gate runs itself must then be as declared.
 */
export function gateFailures(planned: readonly Asked[], rows: readonly Row[]): string[] {
  const begun = new Set(rows.map(madeOf))
  return standings(planned, rows).flatMap(({ cell, standing, row }) => {
    if (standing === 'red') return [`${label(cell)} is not as declared in the ledger: ${row?.deviation ?? ''}`]
    return standing === 'missing' && begun.has(madeOf(cell)) ? [`${label(cell)} has no row in the ledger. Run "pnpm proof --filter '${label(cell)}'".`] : []
  })
}

/** A lab on a network in a mode, with whatever seed, made from these sources and images. */
const madeOf = (one: Coordinate & { inputs: Inputs }): string => [groupOf({ ...one, seed: undefined }), one.inputs.sources, one.inputs.images].join(' ')
