import { describe, expect, test } from 'vitest'
import { together, verdict, type Verdict } from './result.ts'

describe('together', () => {
  test.each<[Verdict[], Verdict]>([
    [['pass', 'pass'], 'pass'],
    [['pass', 'inconclusive', 'fail'], 'fail'],
    [['pass', 'inconclusive'], 'inconclusive'],
    [['pass', 'skipped', 'not-offered'], 'pass'],
    [['skipped', 'not-offered'], 'skipped'],
    [['not-offered'], 'not-offered'],
  ])('%j is %s', (verdicts, expected) => { expect(together(verdicts)).toBe(expected) })

  test('order never matters', () => {
    for (const a of verdict.options) for (const b of verdict.options) expect(together([a, b])).toBe(together([b, a]))
  })
  test.each<Verdict>(['pass', 'fail', 'inconclusive'])('skipped and not-offered never change %s', (counted) => {
    expect(together([counted, 'skipped', 'not-offered'])).toBe(counted)
  })
})
