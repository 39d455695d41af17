/**
 * The fewest equal answers in a row that `k` even backends give by chance with at most probability `falsePass`: k^-(m−1) ≤ falsePass.
 * @param k at least 2
 */
export function repeatsToTrust(k: number, falsePass: number): number {
  let repeats = 1
  while (k ** (1 - repeats) > falsePass) repeats += 1
  return repeats
}
