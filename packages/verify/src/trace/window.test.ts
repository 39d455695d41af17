import { expect, test } from 'vitest'
import { newIdentity } from './window.ts'

test('sixty traces in a row have sixty ids and sixty ranges of ports, outside those that a kernel gives out', () => {
  const identities = Array.from({ length: 60 }, () => newIdentity())
  expect(new Set(identities.map(({ id }) => id)).size).toBe(60)
  const firsts = identities.map(({ own }) => own).sort((a, b) => a - b)
  expect(firsts[0]).toBeGreaterThanOrEqual(61_000)
  expect(firsts.at(-1)! + 63).toBeLessThanOrEqual(65_535)
  expect(firsts.slice(1).map((own, index) => own - firsts[index]!).every((step) => step >= 64)).toBe(true)
})
