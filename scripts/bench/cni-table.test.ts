import { expect, test } from 'vitest'
import { cniTable, missesBound } from './cni-table.ts'
import { gibibytes } from './node-memory.ts'

const brought = (ms: number, memoryGiB: number, ...phases: [string, number][]) => ({ ms, memoryGiB, phases: phases.map(([phase, took]) => ({ phase, ms: took })) })
const flannel = { cni: 'flannel', rounds: [
  { hoplab: brought(30_000, 1, ['nodes', 20_000], ['up bench-cni', 30_000]), hand: brought(40_000, 0.5, ['kind create', 30_000]) },
  { hoplab: brought(42_000, 2, ['nodes', 22_000]), hand: brought(40_000, 0.7, ['kind create', 32_000]) },
] }
const calico = { cni: 'calico', rounds: [{ hoplab: brought(43_000, 1.5, ['nodes', 20_000], ['load images', 9_000]), hand: brought(40_000, 1.25, ['kind create', 30_000]) }] }

test('medians stand in a column for each CNI; what one does not have is a dash', () => {
  expect(cniTable([flannel, calico])).toMatchInlineSnapshot(`
    "| figure | flannel | calico |
    | --- | --- | --- |
    | hoplab up, s | 36.0 | 43.0 |
    | by hand, s | 40.0 | 40.0 |
    | ratio (asked: 1.05 or less) | 0.90 | 1.07 |
    | hoplab: nodes | 21.0 | 20.0 |
    | hoplab: load images | - | 9.0 |
    | by hand: kind create | 31.0 | 30.0 |
    | memory of three nodes with hoplab, GiB | 1.50 | 1.50 |
    | memory of three nodes by hand, GiB | 0.60 | 1.25 |"
  `)
})
test('the bound is that of the median ratio', () => {
  expect([missesBound(flannel), missesBound(calico), missesBound({ cni: 'x', rounds: [] })]).toEqual([false, true, true])
})
test('memory as docker stats prints it', () => {
  expect([gibibytes('512MiB'), gibibytes('1.5GiB'), gibibytes('1024KiB'), gibibytes('--')]).toEqual([0.5, 1.5, 1 / 1_024, Number.NaN])
})
