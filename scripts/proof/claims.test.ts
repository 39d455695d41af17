import type { Claim } from '@hoplab/model'
import { expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { claimStandings, claimStandingsText } from './claims.ts'

const claim: Claim = { id: '1.1', words: 'w', en: 'w', proof: [{ lab: 'catalogue', step: 's', check: 'b', counterCase: 'faults/1-one' }] }
const solved = aRow({ case: 'solution:1', verdicts: { pass: ['a', 'b'] } })
const cells = [{ ...solved, folder: 'solutions/1-one' }, { ...aRow(), folder: 'faults/1-one' }, { ...aRow({ case: 'fault:2' }), folder: 'faults/2-two' }]
const told = (...rows: ReturnType<typeof aRow>[]): string => claimStandingsText(claimStandings({ claims: [claim] }, cells, rows))

test('a claim stands as the rows of the solutions and of its counter-case do, and as no other', () => {
  expect(told(solved, aRow(), aRow({ case: 'fault:2', asDeclared: false }))).toBe('1.1 catalogue b passes in solutions: 1 proven\n1.1 catalogue b fails in faults/1-one: 1 proven')
  expect(told(aRow({ ...solved, key: 'old' }))).toBe('1.1 catalogue b passes in solutions: 1 so with older inputs\n1.1 catalogue b fails in faults/1-one: 1 not tried')
})

test('a check that was seen otherwise is told, also of older inputs and in a row that is as declared', () => {
  expect(told(aRow({ ...solved, key: 'old', verdicts: { pass: ['a'], fail: ['b'] } }), aRow({ verdicts: { pass: ['a', 'b'] } })))
    .toBe('1.1 catalogue b passes in solutions: 1 NOT SO\n1.1 catalogue b fails in faults/1-one: 1 NOT SO')
})

test('where a network cannot show it, nothing is counted', () => {
  expect(told(solved, aRow({ verdicts: { 'not-offered': ['b'] } }))).toContain('fails in faults/1-one: nothing planned')
})
