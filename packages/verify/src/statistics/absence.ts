/** Probability that one of `k` even backends gets none of `n` requests by chance. */
export const absenceProbability = (n: number, k: number): number => (1 - 1 / k) ** n

/** The fewest requests of which one of `k` even backends gets none with at most probability `chance`. */
export function requestsToShowAbsence(k: number, chance: number): number {
  let n = 1
  while (absenceProbability(n, k) > chance) n += 1
  return n
}
