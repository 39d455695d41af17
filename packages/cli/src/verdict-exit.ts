import { exitCodes } from '@hoplab/core'
import type { PhaseResult, Verdict } from '@hoplab/model'

/** Exit code of a verdict (DESIGN "Exit codes"). */
export function exitOf(verdict: Verdict): number {
  return verdict === 'fail' ? exitCodes.failed : verdict === 'inconclusive' ? exitCodes.inconclusive : exitCodes.ok
}

/** Exit code of phases: 0 when each is as declared; 3 when one that is not could not be judged; else 1. */
export function exitOfPhases(phases: readonly PhaseResult[]): number {
  const wrong = phases.filter((phase) => !phase.asDeclared)
  if (wrong.length === 0) return exitCodes.ok
  const judged = wrong.filter((phase) => !phase.checks.some((check) => check.verdict === 'inconclusive'))
  return judged.length === 0 ? exitCodes.inconclusive : exitCodes.failed
}
