import { describe, expect, test } from 'vitest'
import { chiSquareCritical, chiSquareTail, noncentralTail } from './chi-square.ts'
import { absenceProbability, requestsToShowAbsence } from './absence.ts'
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

// The figures of the table that the checks were designed by, computed independently of this code.
describe('published figures', () => {
  test.each([
    [2, 8, 11, 15, 21], [3, 15, 20, 26, 37], [4, 21, 29, 37, 53], [5, 28, 39, 49, 70], [10, 66, 88, 110, 153],
  ])('coverage of %i backends takes %i, %i, %i, %i requests for 1 %%, 0.1 %%, 0.01 %%, 1e-6', (k, ...counts) => {
    expect([0.01, 0.001, 0.0001, 1e-6].map((miss) => requestsToSeeAll(k, miss))).toEqual(counts)
  })
  test.each([[2, 7, 10, 20], [3, 12, 18, 35], [4, 17, 25, 49], [5, 21, 31, 62]])('absence of one of %i backends takes %i, %i, %i requests for 1 %%, 0.1 %%, 1e-6', (k, ...counts) => {
    expect([0.01, 0.001, 1e-6].map((chance) => requestsToShowAbsence(k, chance))).toEqual(counts)
    expect(absenceProbability(counts[2] ?? 0, k)).toBeLessThanOrEqual(1e-6)
  })
  test.each([[1, 10.83, 23.93], [2, 13.82, 27.63], [3, 16.27, 30.66], [4, 18.47, 33.38]])('χ² with %i degrees of freedom is doubted beyond %d (1e-3) and %d (1e-6)', (df, thousandth, millionth) => {
    expect(Math.abs(chiSquareCritical(0.001, df) - thousandth)).toBeLessThan(0.006)
    expect(Math.abs(chiSquareCritical(1e-6, df) - millionth)).toBeLessThan(0.006)
  })
  // Shares → requests for 99 % power at 1e-6.
  test.each([
    [[0.9, 0.1], 82], [[0.75, 0.25], 209], [[0.6, 0.4], 1303], [[2, 1, 1], 451], [[1 / 3, 2 / 9, 4 / 9], 761], [[0.4, 0.3, 0.3], 2815], [[2, 1, 1, 1], 496],
  ])('shares %j are noticed with 99 %% power by %i requests', (weights, n) => {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const k = weights.length
    const perRequest = weights.reduce((total, weight) => total + (weight / sum - 1 / k) ** 2 * k, 0)
    const power = noncentralTail(chiSquareCritical(1e-6, k - 1), k - 1, n * perRequest)
    // By the noncentral χ² approximation, which is right to a few per mille here.
    expect(Math.abs(power - 0.99)).toBeLessThan(0.006)
  })
})
