import { plainLine, plainText } from '@hoplab/core'
import type { CheckResult, LabResult, PhaseResult } from '@hoplab/model'
import { duration } from './duration.ts'
import { type Look, paint } from './look.ts'
import { verdictWord } from './verdict-words.ts'

/** One check on one or more lines: verdict, title, points; for anything but a pass also why and where. */
export function checkText(check: CheckResult, look: Look): string {
  const points = check.maxPoints > 0 ? `, ${check.points} of ${check.maxPoints} points${check.solvedByTool ? ': solved by "hoplab solve"' : ''}` : ''
  const head = `${verdictWord(check.verdict, look)} ${plainLine(check.title)} (${check.id}${points})`
  if (check.verdict === 'pass') return head
  return [head, `    ${plainText(check.why)}`, ...(check.firstBrokenHop ? [`    first broken hop: ${plainLine(check.firstBrokenHop)}`] : [])].join('\n')
}

/** What a verdict rests on: every witness with what it saw and what was expected. */
export function evidenceText(check: CheckResult, look: Look): string {
  const lines = check.evidence.flatMap((one) => [
    `  ${paint(look, 'bold', plainLine(one.witness))}: ${plainLine(one.observed, 2_000)}`,
    `    expected: ${plainLine(one.expected, 2_000)}`,
    ...(one.command ? [`    look yourself: ${plainLine(one.command, 2_000)}`] : []),
  ])
  const flapped = check.flapped ? ['  the answer changed while it was watched'] : []
  return [checkText(check, look), ...(lines.length > 0 ? lines : ['  no witness was heard']), ...flapped, `  ${check.attempts} looks in ${duration(check.durationMs)}, ${check.truth}`].join('\n')
}

/** The last line of a check: verdict and points. */
export function totalText(result: Pick<LabResult, 'verdict' | 'points' | 'pointsPossible' | 'maxPoints' | 'durationMs'>, look: Look): string {
  const open = result.pointsPossible > result.points ? ` (at most ${result.pointsPossible} when the inconclusive checks can be run)` : ''
  return `${verdictWord(result.verdict, look)}: ${result.points} of ${result.maxPoints} points${open} in ${duration(result.durationMs)}`
}

/** A whole result: checks under their steps, then the total. */
export function resultText(result: LabResult, look: Look): string {
  const steps = [...Map.groupBy(result.checks, (check) => check.step)]
  return [...steps.flatMap(([step, checks]) => [paint(look, 'bold', step), ...checks.map((check) => checkText(check, look))]), totalText(result, look)].join('\n')
}

/** One phase of `run` or `prove`. */
export function phaseText(phase: PhaseResult, look: Look): string {
  const score = phase.maxPoints > 0 ? `, ${phase.points} of ${phase.maxPoints} points` : ''
  const head = `${phase.asDeclared ? paint(look, 'green', 'as declared') : paint(look, 'red', 'NOT AS DECLARED')}  ${phase.name}: ${phase.verdict}${score} (${duration(phase.durationMs)})`
  return [head, ...(phase.deviation === undefined ? [] : [`    ${plainText(phase.deviation)}`]), ...(phase.evidence === undefined ? [] : [`    evidence: ${phase.evidence}`])].join('\n')
}

/** The last line of `run` and `prove`. */
export function phasesText(phases: readonly PhaseResult[], look: Look): string {
  const wrong = phases.filter((phase) => !phase.asDeclared)
  if (wrong.length === 0) return paint(look, 'green', `All ${phases.length} phases are as declared.`)
  return paint(look, 'red', `${wrong.length} of ${phases.length} phases are not as declared: ${wrong.map((phase) => phase.name).join(', ')}`)
}
