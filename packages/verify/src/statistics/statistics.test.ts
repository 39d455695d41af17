import { describe, expect, test } from 'vitest'
import { chiSquareCritical, chiSquareTail, noncentralTail } from './chi-square.ts'
import { missProbability, requestsToSeeAll } from './coverage.ts'
import { detectableDeviation, evenness } from './evenness.ts'
import { logGamma } from './incomplete-gamma.ts'

describe('χ² tail', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4, and R's qchisq(1e-6, df, lower.tail = FALSE).
  test.each([
    [1, 0.05, 3.841], [1, 0.001, 10.828], [2, 0.001, 13.816], [3, 0.001, 16.266], [4, 0.001, 18.467], [10, 0.05, 18.307], [100, 0.05, 124.342],
    [1, 1e-6, 23.928], [2, 1e-6, 27.631], [3, 1e-6, 30.665], [4, 1e-6, 33.377],
  ])('with %i degrees of freedom has its critical value at %d where tables have it', (df, tail, table) => {
    expect(chiSquareCritical(tail, df)).toBeCloseTo(table, 2)
    expect(chiSquareTail(table, df) / tail).toBeCloseTo(1, 2)
  })
  test('keeps its precision far out, where 1 − cdf would be 0', () => {
    expect(chiSquareTail(200, 2)).toBeCloseTo(Math.exp(-100), 50)
    expect(chiSquareTail(200, 2) / Math.exp(-100)).toBeCloseTo(1, 10)
  })
  test('is 1 at zero', () => { expect(chiSquareTail(0, 3)).toBe(1) })
  test('log Γ of whole numbers is the log of factorials', () => {
    expect(logGamma(1)).toBeCloseTo(0, 12)
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10)
  })
  test('noncentral tail equals the central one without noncentrality and R elsewhere', () => {
    expect(noncentralTail(5, 3, 0)).toBeCloseTo(chiSquareTail(5, 3), 12)
    // 1 degree of freedom: |Z + √λ| > √x, by the normal distribution: Φ(−(2 − 1)) + Φ(−(2 + 1)) = 0.158655 + 0.001350.
    expect(noncentralTail(4, 1, 1)).toBeCloseTo(0.160_005, 5)
  })
})

describe('evenness', () => {
  test.each([[[250, 250], true], [[290, 210], true], [[375, 125], false], [[450, 50], false], [[167, 167, 166], true], [[250, 125, 125], false]])(
    'of %j is judged %s', (counts, even) => { expect(evenness(counts).even).toBe(even) })
  test('prints χ² by Pearson', () => {
    expect(evenness([60, 40])).toMatchObject({ n: 100, df: 1, chiSquare: 4 })
    expect(evenness([60, 40]).p).toBeCloseTo(0.0455, 4)
  })
  test('one backend has nothing to be even with', () => { expect(evenness([500])).toMatchObject({ even: true, df: 0, p: 1 }) })
  // Sample sizes for 99 % power at 1e-6, computed independently of this code: 75/25 needs 209 requests, 90/10 82, 60/40 1303.
  test.each([[209, 0.25], [82, 0.4], [1303, 0.1]])('%i requests over two backends notice a share off by %d', (n, off) => {
    expect(detectableDeviation(n, 2)).toBeCloseTo(off, 1)
    expect(Math.abs(detectableDeviation(n, 2) - off) / off).toBeLessThan(0.06)
  })
})

describe('coverage', () => {
  test.each([[2, 0.01, 8], [2, 1e-6, 21], [3, 1e-6, 37], [4, 0.001, 29], [5, 1e-4, 49], [10, 0.01, 66], [10, 1e-6, 153]])(
    '%i backends are all seen except with probability %d after %i requests', (k, miss, n) => {
      expect(requestsToSeeAll(k, miss)).toBe(n)
      expect(missProbability(n - 1, k)).toBeGreaterThan(miss)
    })
  test('holds for fifty backends', () => { expect(missProbability(requestsToSeeAll(50, 1e-6), 50)).toBeLessThanOrEqual(1e-6) })
})
