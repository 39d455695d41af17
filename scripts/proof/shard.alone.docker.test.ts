import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { kindProvider } from '@hoplab/cluster/kind'
import { useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { $ } from 'zx'
import { askInstallers, provableHere } from './here.ts'
import { readLedger } from './ledger.ts'
import { type Cell, planned } from './plan.ts'
import { label, type Row } from './row.ts'
import { proveCells } from './run.ts'
import { disagreements, shardOf } from './shard.ts'
import { gateFailures, standings } from './standing.ts'

const instance = 't-shard'
let cells: Cell[] = []
let rows: Row[] = []
beforeAll(async () => {
  useOwnEngine()
  cells = await planned()
  rows = await readLedger()
})
afterAll(async () => {
  using deadline = Deadline.start('removing the shard', 180_000)
  await kindProvider().clean({ name: instance, deadline })
})

/** What decides the draw: the commit; without a repository what would be proven. */
async function commit(): Promise<string> {
  const head = await $({ cwd: join(import.meta.dirname, '../..'), nothrow: true, quiet: true })`git rev-parse HEAD`
  return head.exitCode === 0 ? head.stdout.trim() : createHash('sha256').update(cells.map(({ key }) => key).join()).digest('hex')
}

describe('the ledger and the clusters of this checkout agree', () => {
  test('no row of these inputs is red, and none is missing while the sources are those of the ledger', () => {
    expect(rows.length).toBeGreaterThan(0)
    expect(gateFailures(cells, rows)).toEqual([])
    const stale = standings(cells, rows).filter(({ standing }) => standing !== 'proven').length
    console.log(`${cells.length - stale} of ${cells.length} proofs have a row of these inputs, ${stale} are stale: "pnpm proof" renews them`)
  })

  test('five cases drawn by the commit are as declared, and as the ledger says', async () => {
    using deadline = Deadline.start('looking for the images of the networks', 200_000)
    const shard = shardOf(await provableHere(cells, askInstallers(deadline), console.log), await commit())
    expect(shard.length).toBe(5)
    const seen: Row[] = []
    const outcome = await proveCells(shard, {
      instances: [instance], budgetMs: 900_000, signal: new AbortController().signal, known: [], say: (line) => console.log(line),
      keep: async (row) => { seen.push(row) },
    })
    const deviations = seen.filter((row) => !row.asDeclared).map((row) => `${label(row)}: ${row.deviation}`)
    expect(outcome.broken, outcome.broken.join('; ')).toEqual([])
    expect(deviations, deviations.join('; ')).toEqual([])
    expect(seen.map(({ key }) => key)).toEqual(shard.map(({ key }) => key))
    const differ = seen.flatMap((row) => disagreements(row, rows.findLast(({ key }) => key === row.key)))
    expect(differ, differ.join('; ')).toEqual([])
    // Two of the faults end in time-outs all around and take two minutes each; the others less than one.
  }, 1_000_000)
})
