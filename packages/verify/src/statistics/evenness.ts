import { bisect, chiSquareCritical, chiSquareTail, noncentralTail } from './chi-square.ts'

/** Share of healthy labs whose evenness would be doubted by chance: one in a million runs. */
export const falseAlarm = 1e-6
/** Probability with which {@link Evenness.detectable} would have been noticed. */
export const power = 0.99

/** How even a load was spread. */
export interface Evenness {
  /** Requests counted. */
  n: number
  df: number
  chiSquare: number
  /** Probability of a spread at least this uneven when every backend has the same share. */
  p: number
  /** χ² beyond which evenness is doubted at {@link falseAlarm}. */
  critical: number
  even: boolean
  /** The smallest deviation of one backend's share (in shares, 0…1) that would have been noticed with probability {@link power}. */
  detectable: number
}

/**
 * Pearson's χ² against equal shares, k − 1 degrees of freedom, at 1e-6. Fewer than 5 expected requests per backend make the test invalid
 * (Cochran's rule); callers ask for at least 20 requests and {@link requestsFor} says how many are needed.
 */
export function evenness(counts: readonly number[]): Evenness {
  const k = counts.length
  const n = counts.reduce((sum, count) => sum + count, 0)
  if (k < 2 || n === 0) return { n, df: 0, chiSquare: 0, p: 1, critical: Infinity, even: true, detectable: 1 }
  const df = k - 1
  const expected = n / k
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const critical = chiSquareCritical(falseAlarm, df)
  return { n, df, chiSquare, p: chiSquareTail(chiSquare, df), critical, even: chiSquare <= critical, detectable: detectableDeviation(n, k) }
}

/** Deviation of one backend's share that `n` requests over `k` backends would show, the others sharing the rest evenly. At most 1. */
export function detectableDeviation(n: number, k: number): number {
  const df = k - 1
  const critical = chiSquareCritical(falseAlarm, df)
  const noncentrality = bisect((lambda) => power - noncentralTail(critical, df, lambda))
  // λ = n·w² and, for one deviating share δ, w² = δ²·k²/(k − 1).
  return Math.min(1, Math.sqrt(noncentrality / n) * Math.sqrt(k - 1) / k)
}

/** Requests after which Cochran's rule holds for `k` backends. */
export const requestsFor = (k: number): number => 5 * k
