import { logGamma, upperGamma } from './incomplete-gamma.ts'

/** Probability that a χ² variable with `df` degrees of freedom is at least `x`. */
export function chiSquareTail(x: number, df: number): number {
  return upperGamma(df / 2, x / 2)
}

/** The `x` with {@link chiSquareTail} (x, df) = `tail`, 0 < tail < 1. Bisection to 1e-9. */
export function chiSquareCritical(tail: number, df: number): number {
  return bisect((x) => chiSquareTail(x, df) - tail)
}

/** Tail of the noncentral χ² distribution: a Poisson mixture of central ones (Johnson, Kotz, Balakrishnan, ch. 29). */
export function noncentralTail(x: number, df: number, noncentrality: number): number {
  const half = noncentrality / 2
  // Terms farther than 12 standard deviations from the mean add less than 1e-30.
  const reach = 12 * Math.sqrt(half) + 20
  let sum = 0
  for (let j = Math.max(0, Math.floor(half - reach)); j <= half + reach; j += 1) {
    const weight = half === 0 ? Number(j === 0) : Math.exp(-half + j * Math.log(half) - logGamma(j + 1))
    sum += weight * chiSquareTail(x, df + 2 * j)
  }
  return Math.min(1, sum)
}

/** Zero of a function that falls from positive to negative over x ≥ 0. */
export function bisect(falling: (x: number) => number): number {
  let low = 0
  let high = 1
  while (falling(high) > 0) { low = high; high *= 2 }
  while (high - low > 1e-9 * Math.max(1, high)) {
    const middle = (low + high) / 2
    if (falling(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
