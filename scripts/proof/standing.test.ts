import { describe, expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { gateFailures, standings } from './standing.ts'

const asked = aRow()
const standing = (...rows: ReturnType<typeof aRow>[]): string | undefined => standings([asked], rows)[0]?.standing

describe('how a planned proof stands', () => {
  test('no row: missing; a row of other inputs: stale; of these inputs: proven', () => {
    expect(standing()).toBe('missing')
    expect(standing(aRow({ repeat: 2 }), aRow({ proxyMode: 'nftables' }))).toBe('missing')
    expect(standing(aRow({ key: 'old' }))).toBe('stale')
    expect(standing(aRow({ key: 'old', asDeclared: false }))).toBe('stale')
    expect(standing(aRow())).toBe('proven')
  })
  test('a red row of the same inputs stays red, whatever is proven later', () => {
    expect(standing(aRow({ asDeclared: false }))).toBe('red')
    expect(standing(aRow({ asDeclared: false }), aRow())).toBe('red')
    expect(standing(aRow(), aRow({ asDeclared: false }))).toBe('red')
  })
})

describe('what makes the gate red', () => {
  test('a red row of these inputs', () => {
    expect(gateFailures([asked], [aRow({ asDeclared: false, deviation: 'b is pass' })])).toEqual(['catalogue kind flannel iptables fault:1 #1 is not as declared in the ledger: b is pass'])
  })
  test('a missing row while the sources are those of the ledger', () => {
    expect(gateFailures([asked, aRow({ case: 'fault:2' })], [aRow()])).toEqual([expect.stringContaining('fault:2 #1 has no row in the ledger')])
  })
  test('a missing row of another seed of a lab that was begun', () => {
    expect(gateFailures([asked, aRow({ seed: '7' })], [aRow()])).toEqual([expect.stringContaining('seed 7 fault:1 #1 has no row in the ledger')])
    expect(gateFailures([asked, aRow({ seed: '7' })], [aRow(), aRow({ seed: '7' })])).toEqual([])
  })
  test('not a lab that nobody began to prove on that network in that mode', () => {
    expect(gateFailures([asked, aRow({ lab: 'first-packet' }), aRow({ cni: 'calico' }), aRow({ proxyMode: 'nftables' })], [aRow()])).toEqual([])
  })
  test('not a missing or stale row after the sources or images changed', () => {
    const older = aRow({ key: 'old', inputs: { lab: 'l1', sources: 'old', images: 'i1' } })
    expect(gateFailures([asked, aRow({ case: 'fault:2' })], [older])).toEqual([])
    expect(gateFailures([aRow({ case: 'fault:2' })], [aRow({ inputs: { lab: 'l1', sources: 's1', images: 'old' } })])).toEqual([])
  })
})
