import { expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { disagreements, shardOf } from './shard.ts'

const planned = ['iptables', 'nftables'].flatMap((proxyMode) => ['catalogue', 'first-packet'].flatMap((lab) =>
  ['untouched', 'healthy', ...Array.from({ length: 12 }, (_, n) => `fault:${n}`)].flatMap((name) => [1, 2].map((repeat) =>
    aRow({ lab, proxyMode: proxyMode as 'iptables', case: name, repeat })))))
const commits = Array.from({ length: 200 }, (_, index) => `commit ${index}`)

test('a commit always draws the same five cases, of one lab and proxy mode', () => {
  for (const commit of commits) {
    const shard = shardOf(planned, commit)
    expect(shard).toEqual(shardOf(planned.toReversed().toReversed(), commit))
    expect(new Set(shard.map(({ case: name }) => name)).size).toBe(5)
    expect(new Set(shard.map(({ lab, proxyMode }) => `${lab} ${proxyMode}`)).size).toBe(1)
  }
})

test('over many commits every case comes round', () => {
  const drawn = new Set(commits.flatMap((commit) => shardOf(planned, commit)))
  expect(drawn.size).toBe(planned.length / 2)
})

test('a small lab is proven whole', () => {
  expect(shardOf(planned.slice(0, 6), 'any').length).toBe(3)
})

test('another verdict than in the ledger is a disagreement, of the same inputs only', () => {
  const ledger = aRow({ verdicts: { pass: ['a', 'b'], fail: ['c'] } })
  const now = aRow({ verdicts: { pass: ['a'], fail: ['b'] } })
  expect(disagreements(now, ledger)).toEqual([
    'catalogue kind flannel iptables fault:1 #1: b is fail, in the ledger pass',
    'catalogue kind flannel iptables fault:1 #1: c is not looked at, in the ledger fail',
  ])
  expect(disagreements(ledger, ledger)).toEqual([])
  expect(disagreements(now, { ...ledger, key: 'of other inputs' })).toEqual([])
  expect(disagreements(now, undefined)).toEqual([])
})
