import { expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { totalsOf, totalsText } from './report.ts'

test('required, caught, collateral and false cells are counted one by one', () => {
  const rows = [
    // Declared: a pass, b fail, c fail, d pass, e not offered. Seen: c green, d red.
    aRow({ verdicts: { pass: ['a', 'c'], fail: ['b', 'd'], 'not-offered': ['e'] }, asDeclared: false, deviation: 'two are wrong',
      wrong: [{ check: 'c', declared: 'fail', seen: 'pass', why: '' }, { check: 'd', declared: 'pass', seen: 'fail', why: '' }] }),
    aRow({ case: 'fault:2', verdicts: { pass: ['a'], skipped: ['b'] } }),
    aRow({ case: 'healthy', verdicts: { pass: ['a', 'b'], inconclusive: ['c'], 'not-offered': ['e'] } }),
  ]
  const totals = totalsOf([...rows, aRow({ case: 'untouched' }), aRow({ case: 'fault:2', key: 'newer' })], rows)
  expect(totals).toMatchObject({ rows: { proven: 2, red: 1, stale: 1, missing: 1 }, healthy: 3, falseVerdicts: 1 })
  expect(totals).toMatchObject({ required: 2 + 1 + 1, caught: 1 + 1 + 1, collateral: 1 })
  expect(totalsText(totals).split('\n')).toEqual([
    'red      catalogue kind flannel iptables fault:1 #1: two are wrong',
    'missing  catalogue kind flannel iptables untouched #1',
    'rows: 2 of 5 proven with these very inputs, 1 of older inputs, 1 missing, 1 red',
    'mutation score: 3 of 4 cells that must not be green (75.0 %); 1 cells red that must be green',
    'healthy: 3 verdicts, 1 of them false',
  ])
})

test('nothing proven is no score', () => {
  expect(totalsText(totalsOf([aRow()], []))).toContain('0 of 0 cells that must not be green (none yet)')
})
