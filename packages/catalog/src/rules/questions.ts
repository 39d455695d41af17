import type { HopError } from '@hoplab/core'
import { HOP_LAB_QUESTION_UNGRADED, HOP_LAB_REFERENCE_UNKNOWN } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { nearest } from '../nearest.ts'
import { pointAt, pointAtKey } from './position.ts'

/** Each question has its answer check in the same step, each answer check its question, each given answer its question. */
export function questionProblems(lab: LoadedLab): HopError[] {
  const inLab = lab.file.steps.flatMap((step, i) => {
    const graded = step.checks.flatMap((check) => (check.kind === 'answer' ? [check.key] : []))
    const asked = step.questions.map((question) => question.key)
    return [
      ...step.questions.flatMap(({ key }, j) => graded.includes(key) ? [] : [HOP_LAB_QUESTION_UNGRADED(
        { problem: `No check grades the question "${key}".`, fix: `Add a check of kind "answer" with key "${key}" to the step "${step.id}".` },
        pointAt(lab, lab.file, ['steps', i, 'questions', j, 'key']))]),
      ...step.checks.flatMap((check, j) => check.kind !== 'answer' || asked.includes(check.key) ? [] : [HOP_LAB_QUESTION_UNGRADED(
        { problem: `The check "${check.id}" grades "${check.key}", which the step does not ask.`, fix: `Add a question with the key "${check.key}" to the step "${step.id}".` },
        pointAt(lab, lab.file, ['steps', i, 'checks', j, 'key']))]),
    ]
  })
  return [...inLab, ...answerKeyProblems(lab)]
}

/** Given answers answer questions of the lab. */
export function answerKeyProblems(lab: LoadedLab): HopError[] {
  const known = lab.file.steps.flatMap((step) => step.questions.map((question) => question.key))
  return [...lab.solutions, ...lab.nearMisses].flatMap(({ answers }) => Object.keys(answers).filter((key) => !known.includes(key)).map((name) =>
    HOP_LAB_REFERENCE_UNKNOWN({ sort: 'question', name, known, near: nearest(name, known) }, pointAtKey(lab, answers, [name]))))
}
