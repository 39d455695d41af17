import { type CheckResult, type MatrixAnswer, together } from '@hoplab/model'
import type { PlacedCheck } from '@hoplab/verify'
import type { Question } from './questions.ts'

/** The checks of some questions as a verifier takes them; the question stands where a lab has its step. */
export function placed(questions: readonly Question[]): PlacedCheck[] {
  return questions.flatMap(({ id, title, checks }) => checks.map((spec) => ({ step: id, title, spec })))
}

/** Each question with what its checks said together; one of which no check was seen is left out. */
export function answersTo(questions: readonly Question[], results: readonly CheckResult[]): MatrixAnswer[] {
  return questions.flatMap(({ id, title }) => {
    const mine = results.filter((result) => result.step === id)
    if (mine.length === 0) return []
    const verdict = together(mine.map((result) => result.verdict))
    const deciding = mine.filter((result) => result.verdict === verdict)
    return [{ id, title, verdict, why: [...new Set(deciding.map((result) => result.why))].join(' '), checks: mine.map((result) => result.id) }]
  })
}
