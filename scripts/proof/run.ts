import { Deadline, isAbort, messageOf } from '@hoplab/core'
import type { LabRun } from '@hoplab/engine'
import { duration } from '@hoplab/report'
import { appendDeviation } from './deviations.ts'
import { appendRow } from './ledger.ts'
import { type OpenOptions, openProvenLab } from './open.ts'
import { caseTitle, type Cell } from './plan.ts'
import { groupOf, label, type Row } from './row.ts'
import { type Deviated, Session } from './session.ts'

/** Bounds in milliseconds. */
const bounds = {
  /** Of one case, a new cluster included. */
  cell: 600_000,
  /** Kept free at the end for removing the cluster. */
  removal: 30_000,
  /** Expected of a case nobody has timed yet, and of bringing a cluster up. */
  unknownCase: 40_000, boot: 90_000,
}

/** What a run of proofs did. */
export interface RunOutcome {
  rows: Row[]
  /** Cases that our environment would not let be proven, one line each. */
  broken: string[]
  /** Cases left for the next run because the budget is over. */
  left: number
}

/** How proofs are run. */
export interface RunOptions {
  /** Instance names of the clusters: so many groups are proven beside each other. */
  instances: readonly string[]
  /** Milliseconds for everything, removal of the cluster included. */
  budgetMs: number
  /** Aborts when the user interrupts. */
  signal: AbortSignal
  /** Rows so far: their durations tell what still fits into the budget. */
  known: readonly Row[]
  say(line: string): void
  /** Where a finished row goes. @default the ledger */
  keep?: (row: Row) => Promise<void>
  /** Where the looks of a case go that is not as declared. @default {@link appendDeviation} */
  deviated?: Deviated
  /** Opens the lab of a group. @default on kind, with the images that were built here */
  open?: (options: OpenOptions) => Promise<LabRun>
}

/**
 * Proves cells group by group (lab × CNI × proxy mode × seed), each group in one cluster that is removed afterwards. A row is kept as soon as it is whole.
 * Each instance takes the next group when it is through with one. A group ends when its next case would not fit into the budget, or after two failures of
 * our environment in a row; after two in all none is begun any more. An interruption ends everything and its reason is thrown. What else ends one instance is
 * thrown when the others are through. Ends only when the last cluster is gone.
 */
export async function proveCells(cells: readonly Cell[], options: RunOptions): Promise<RunOutcome> {
  using deadline = Deadline.start('the proofs', options.budgetMs, { signal: options.signal })
  const outcome: RunOutcome = { rows: [], broken: [], left: cells.length }
  const waiting = [...Map.groupBy(cells, groupOf).values()]
  const proveNext = async (instance: string): Promise<void> => {
    while (deadline.remainingMs() >= bounds.boot + bounds.unknownCase + bounds.removal && outcome.broken.length < 2) {
      const group = waiting.shift()
      if (!group) return
      await proveGroup(group, instance, deadline, outcome, options)
    }
  }
  const ended = await Promise.allSettled(options.instances.map(proveNext))
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return outcome
}

async function proveGroup(cells: readonly Cell[], instance: string, deadline: Deadline, outcome: RunOutcome, options: RunOptions): Promise<void> {
  const [first] = cells
  if (!first) return
  const run = await (options.open ?? openProvenLab)({ lab: first.about, name: instance, cni: first.cni, proxyMode: first.proxyMode, seed: first.seed })
  const session = new Session(run, options.deviated ?? appendDeviation)
  let failures = 0
  try {
    for (const [index, cell] of cells.entries()) {
      const boot = index === 0 || failures > 0 ? bounds.boot : 0
      if (deadline.remainingMs() < boot + expectedMs(cell, [...options.known, ...outcome.rows]) + bounds.removal) return
      const row = await proveOne(session, cell, deadline, options)
      if (row === undefined) return
      outcome.left -= 1
      if (typeof row !== 'string') { failures = 0; outcome.rows.push(row); continue }
      outcome.broken.push(row)
      if (++failures === 2) return
    }
  } finally {
    if (run.touched) await run.downAfterwards()
  }
}

/** The row, kept; or why our environment would not let it be had; undefined when the budget was over first. Throws the reason of an interruption. */
async function proveOne(session: Session, cell: Cell, deadline: Deadline, { say, signal, keep = appendRow }: RunOptions): Promise<Row | string | undefined> {
  const name = `${label(cell)} ${caseTitle(cell)}`.trim()
  const started = deadline.clock.now()
  try {
    using bound = deadline.child(name, bounds.cell)
    const row = await session.prove(cell, bound)
    await keep(row)
    say(`${row.asDeclared ? 'as declared ' : 'NOT DECLARED'}  ${name}  ${duration(deadline.clock.now() - started)}${row.deviation ? `\n    ${row.deviation}` : ''}`)
    return row
  } catch (error) {
    signal.throwIfAborted()
    if (isAbort(error) && deadline.remainingMs() === 0) return undefined
    say(`not proven    ${name}: ${messageOf(error)}`)
    return `${name}: ${messageOf(error)}`
  }
}

/** What a case took before, with a little more; rows of the same case count before rows of the same sort. */
function expectedMs(cell: Cell, rows: readonly Row[]): number {
  const sort = cell.case.split(':')[0]
  const same = rows.filter((row) => row.lab === cell.lab && row.case === cell.case)
  const alike = same.length > 0 ? same : rows.filter((row) => row.lab === cell.lab && row.case.startsWith(`${sort}`))
  return alike.length === 0 ? bounds.unknownCase : 1.3 * Math.max(...alike.map((row) => row.durationMs)) + 10_000
}
