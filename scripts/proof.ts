/**
 * The proofs: every case of every lab on a real cluster, one row each in `proof/ledger.jsonl`.
 *
 *     pnpm proof [--budget 25m] [--filter TEXT]… [--repeat N] [--clusters 1..4]
 *                                                                prove what has no row of these inputs yet, as far as the budget goes
 *     pnpm proof --report                                        what the ledger says; exit code 1 when the gate would refuse it
 *     pnpm proof --list [--filter TEXT]…                         every planned proof and how it stands
 *     pnpm proof --claims                                        how the proofs of the claims in labs/claims.yaml stand; exit code 1 when one is not so
 *
 * A filter keeps the proofs whose line (see --list) has every TEXT in it; of a TEXT with `|` any part will do. Ctrl-C keeps every row that was finished and removes the cluster.
 * Needs a container engine, root on Linux, and the images of `./hoplab images build`.
 * Exit codes: 0 as declared, 1 something is not, 2 wrong usage, 3 our environment failed, 130 interrupted.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readClaims } from '@hoplab/catalog/fs'
import { Deadline, HOP_INTERRUPTED, HopError, messageOf } from '@hoplab/core'
import { lock } from '@hoplab/core/node'
import { installerOf } from '@hoplab/cli/implementations'
import { runLockFile } from '@hoplab/cli/run-lock'
import { type CniImage, listImages, useOwnEngine } from '@hoplab/images'
import { errorText, lookOf } from '@hoplab/report'
import { echo } from 'zx'
import { claimStandings, claimStandingsText } from './proof/claims.ts'
import { askInstallers, provableHere } from './proof/here.ts'
import { pruneLedger, readLedger } from './proof/ledger.ts'
import { caseFolder, type Cell, caseTitle, planned } from './proof/plan.ts'
import { totalsOf, totalsText } from './proof/report.ts'
import { label } from './proof/row.ts'
import { proveCells } from './proof/run.ts'
import { gateFailures, standings } from './proof/standing.ts'

/** Names of the clusters that proofs are made in. */
const instanceOf = (index: number): string => (index === 0 ? 'proof' : `proof-${index + 1}`)
/** Most clusters beside each other: each takes 1 GiB and most of one processor. */
const mostClusters = 4

interface Wanted { budgetMs: number; filters: string[]; repeat: number; clusters: number; report: boolean; list: boolean; claims: boolean }

const usage = 'usage: pnpm proof [--budget 25m] [--filter TEXT]… [--repeat N] [--clusters 1..4] | --report | --list | --claims'

/** What was typed; undefined when it is no usage of this program. */
function wantedOf(args: string[]): Wanted | undefined {
  try {
    const { values } = parseArgs({ args, options: {
      budget: { type: 'string', default: '25m' }, filter: { type: 'string', multiple: true, default: [] }, repeat: { type: 'string', default: '1' }, clusters: { type: 'string', default: '1' },
      report: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, claims: { type: 'boolean', default: false },
    } })
    const budget = /^(\d+)(s|m|h)$/u.exec(values.budget)
    const [repeat, clusters] = [Number(values.repeat), Number(values.clusters)]
    if (!budget || ![repeat, clusters].every((count) => Number.isInteger(count) && count >= 1) || clusters > mostClusters) return undefined
    const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[budget[2] as 's' | 'm' | 'h']
    return { budgetMs: Number(budget[1]) * unitMs, filters: values.filter, repeat, clusters, report: values.report, list: values.list, claims: values.claims }
  } catch {
    return undefined
  }
}

/** Whether a line is one of those that were asked for. */
const isWanted = (line: string, filters: readonly string[]): boolean => filters.every((text) => text.split('|').some((part) => line.includes(part)))

const lineOf = (cell: Cell): string => `${label(cell)} ${caseTitle(cell)}`.trim()

async function report(cells: readonly Cell[]): Promise<number> {
  const rows = await readLedger()
  const failures = gateFailures(cells, rows)
  echo(totalsText(totalsOf(cells, rows)))
  for (const failure of failures) echo(`the gate refuses: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

async function claims(cells: readonly Cell[]): Promise<number> {
  const { claims: file } = await readClaims(join(import.meta.dirname, '../labs'))
  const all = claimStandings(file, cells.map((cell) => ({ ...cell, folder: caseFolder(cell) })), await readLedger())
  echo(claimStandingsText(all))
  return all.some(({ green, red }) => green.red + red.red > 0) ? 1 : 0
}

/** Images of the networks that these proofs need. */
async function imagesOf(cells: readonly Cell[]): Promise<CniImage[]> {
  const installers = await Promise.all([...new Set(cells.map(({ cni }) => cni))].map((name) => installerOf(name)))
  return [...new Set(installers.flatMap(({ images }) => images))]
}

async function prove(cells: readonly Cell[], { budgetMs, filters, clusters }: Wanted, signal: AbortSignal): Promise<number> {
  useOwnEngine()
  using deadline = Deadline.start('the proofs', budgetMs + 60_000, { signal })
  const unfit = (await listImages({ source: 'local', cni: await imagesOf(cells.filter((cell) => isWanted(lineOf(cell), filters))), deadline })).filter(({ state }) => state !== 'present')
  if (unfit.length > 0) {
    echo(`The images ${unfit.map(({ ref, state }) => `${ref} (${state})`).join(', ')} are not what the sources say. Run "./hoplab images build".`)
    return 3
  }
  await using held = new AsyncDisposableStack()
  const instances = Array.from({ length: clusters }, (_, index) => instanceOf(index))
  for (const instance of instances) held.use(await lock(runLockFile(instance), 'the proofs', { deadline }))
  const known = await pruneLedger(cells)
  const chosen = standings(await provableHere(cells, askInstallers(deadline), echo), known).filter(({ cell, standing }) => (standing === 'stale' || standing === 'missing') && isWanted(lineOf(cell), filters))
  echo(`${chosen.length} proofs to do`)
  const { rows, broken, left } = await proveCells(chosen.map(({ cell }) => cell), { instances, budgetMs, signal, known, say: echo })
  echo(`${rows.length} rows added, ${rows.filter((row) => !row.asDeclared).length} not as declared, ${broken.length} not proven, ${left} left`)
  return rows.some((row) => !row.asDeclared) ? 1 : broken.length > 0 ? 3 : 0
}

async function main(): Promise<number> {
  const wanted = wantedOf(process.argv.slice(2))
  if (!wanted) { echo(usage); return 2 }
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort(HOP_INTERRUPTED()))
  try {
    const cells = await planned({ repeat: wanted.repeat })
    if (wanted.report) return await report(cells)
    if (wanted.claims) return await claims(cells)
    if (!wanted.list) return await prove(cells, wanted, interruption.signal)
    const listed = standings(cells, await readLedger()).filter(({ cell }) => isWanted(lineOf(cell), wanted.filters))
    for (const { cell, standing } of listed) echo(`${standing.padEnd(8)} ${lineOf(cell)}`)
    return 0
  } catch (error) {
    echo(error instanceof HopError ? errorText(error.facts, lookOf({ env: process.env, isTTY: process.stdout.isTTY })) : messageOf(error))
    return error instanceof HopError ? error.exitCode : 3
  }
}

process.exitCode = await main()
