import type { CheckResult, LabFile, SavedStep } from '@hoplab/model'

/** Points of a set of results after the cost of hints. */
export interface Score { points: number; pointsPossible: number; maxPoints: number }

/** Points that the taken hints of one step cost. */
export function hintCost(step: LabFile['steps'][number], hintsTaken: number): number {
  return step.hints.slice(0, hintsTaken).reduce((sum, hint) => sum + hint.cost, 0)
}

/**
 * Points per step: what its passed checks are worth less the cost of its hints, never below 0.
 * `maxPoints` counts the checks that are offered here; `pointsPossible` counts inconclusive ones as if they had passed.
 */
export function score(lab: LabFile, results: readonly CheckResult[], steps: Readonly<Record<string, SavedStep>>): Score {
  const total: Score = { points: 0, pointsPossible: 0, maxPoints: 0 }
  for (const step of lab.steps) {
    const mine = results.filter((result) => result.step === step.id && result.verdict !== 'not-offered')
    const cost = hintCost(step, steps[step.id]?.hintsTaken ?? 0)
    const open = sum(mine.filter((result) => result.verdict === 'inconclusive' && !result.solvedByTool).map((result) => result.maxPoints))
    const earned = sum(mine.map((result) => (result.verdict === 'pass' ? result.points : 0)))
    total.points += Math.max(0, earned - cost)
    total.pointsPossible += Math.max(0, earned + open - cost)
    total.maxPoints += sum(mine.map((result) => result.maxPoints))
  }
  return total
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
