/** Probability that `n` even, independent requests miss at least one of `k` backends (inclusion–exclusion). */
export function missProbability(n: number, k: number): number {
  let sum = 0
  let choose = 1
  for (let j = 1; j <= k; j += 1) {
    choose = choose * (k - j + 1) / j
    sum += (j % 2 === 1 ? 1 : -1) * choose * (1 - j / k) ** n
  }
  return Math.max(0, Math.min(1, sum))
}

/** The fewest requests that see all of `k` backends except with probability `miss`. */
export function requestsToSeeAll(k: number, miss: number): number {
  let n = k
  // The alternating sum loses all digits for small n and large k; there the union bound k(1−1/k)^n is still above 1.
  while (k * (1 - 1 / k) ** n > 1 || missProbability(n, k) > miss) n += 1
  return n
}
