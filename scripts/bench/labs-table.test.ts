import { expect, test } from 'vitest'
import { labsTable, missesMemory } from './labs-table.ts'

const round = (upMs: number, proofMs: number, memoryGiB: number) => ({ upMs, proofMs, memoryGiB, notDeclared: [] })
const first = { lab: 'first-packet', rounds: [round(30_000, 200_000, 0.7), round(40_000, 240_000, 0.8)] }
const basics = { lab: 'basics', rounds: [round(33_000, 300_000, 1), round(60_000, 240_000, 1.5)] }

test('medians stand in a row for each lab, ratios are those of each round, and memory is the most of all', () => {
  expect(labsTable([first, basics])).toMatchInlineSnapshot(`
    "| lab | up, s | ratio | one proof, s | ratio | most memory, GiB (asked: 5.59 or less) |
    | --- | --- | --- | --- | --- | --- |
    | first-packet | 35.0 | 1.00 | 220.0 | 1.00 | 0.80 |
    | basics | 46.5 | 1.30 | 270.0 | 1.25 | 1.50 |"
  `)
})
test('6 GB are the bound in every round, and memory that was not seen is none that fits', () => {
  expect([missesMemory(basics), missesMemory({ lab: 'x', rounds: [round(1, 1, 1), round(1, 1, 5.6)] }), missesMemory({ lab: 'x', rounds: [round(1, 1, 0)] }), missesMemory({ lab: 'x', rounds: [round(1, 1, Number.NaN)] })])
    .toEqual([false, true, true, true])
})
