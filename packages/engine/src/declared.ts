import type { CheckResult, LabResult, PhaseResult } from '@hoplab/model'
import type { CaseMaterial, FaultMaterial } from './material.ts'

/** How an untouched lab differs from what every lab promises: red, and nothing scored. Undefined = it does not. */
export function untouchedDeviation(result: LabResult): string | undefined {
  if (result.points > 0) return `an untouched lab scores ${result.points} points, must be 0: ${named(result.checks, (check) => check.points > 0)}`
  if (result.verdict !== 'fail') return `an untouched lab is ${result.verdict}, must be fail${because(result.checks, 'inconclusive')}`
  return undefined
}

/** How a solved lab differs from full points and no red. */
export function solvedDeviation(result: LabResult): string | undefined {
  if (result.verdict === 'pass' && result.points === result.maxPoints) return undefined
  return `${result.points} of ${result.maxPoints} points, ${result.verdict}: ${named(result.checks, (check) => check.verdict !== 'pass' && check.verdict !== 'not-offered')}`
}

/** How a near-miss differs: it must be below full, and every check that is meant to catch it must be red. */
export function nearMissDeviation(nearMiss: CaseMaterial): (result: LabResult) => string | undefined {
  return (result) => {
    if (result.points >= result.maxPoints) return `scores full (${result.points}), must be caught`
    const missed = (nearMiss.caughtBy ?? []).filter((id) => result.checks.find((check) => check.id === id)?.verdict !== 'fail')
    if (missed.length > 0) return `not caught by ${named(result.checks, (check) => missed.includes(check.id))}`
    return undefined
  }
}

/** How a fault differs: each check must end exactly as declared. */
export function faultDeviation(fault: FaultMaterial): (result: LabResult) => string | undefined {
  return (result) => {
    const wrong = result.checks.filter((check) => fault.expect[check.id] !== check.verdict)
    return wrong.length === 0 ? undefined : wrong.map((check) => `${check.id} is ${check.verdict} (${check.why}), declared ${fault.expect[check.id]}`).join('; ')
  }
}

/** Checks whose verdict was not the same each time a phase was run. A deviation for each, by phase name. */
export function repeatDeviations(phases: readonly PhaseResult[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, runs] of Map.groupBy(phases, (phase) => phase.name)) {
    const verdicts = Map.groupBy(runs.flatMap((run) => run.checks), (check) => check.id)
    const differing = [...verdicts].filter(([, checks]) => new Set(checks.map((check) => check.verdict)).size > 1)
      .map(([id, checks]) => `${id} was ${checks.map((check) => check.verdict).join(', ')} in turn`)
    if (differing.length > 0) found.set(name, `verdicts differ between repeats: ${differing.join('; ')}`)
  }
  return found
}

function named(checks: readonly CheckResult[], which: (check: CheckResult) => boolean): string {
  return checks.filter(which).map((check) => `${check.id} ${check.verdict} (${check.why})`).join('; ') || 'no check'
}

function because(checks: readonly CheckResult[], verdict: CheckResult['verdict']): string {
  const which = checks.filter((check) => check.verdict === verdict)
  return which.length === 0 ? '' : `: ${named(which, () => true)}`
}
