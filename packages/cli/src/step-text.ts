import type { LoadedLab } from '@hoplab/catalog'
import { plainText } from '@hoplab/core'
import { stepOf } from '@hoplab/engine'
import type { LabFile, SavedLab } from '@hoplab/model'
import { columns, paint } from '@hoplab/report'
import type { CommandContext } from './context.ts'

type Step = LabFile['steps'][number]

/** The first step that is not done; undefined when all are. */
export function nextStep(lab: LabFile, saved: SavedLab): Step | undefined {
  return lab.steps.find((step) => saved.steps[step.id]?.done !== true)
}

/** A step in data: text, questions and the hints taken so far. */
export function stepData(lab: LoadedLab, id: string, saved: SavedLab, context: CommandContext): object {
  const step = stepOf(lab.file, id)
  const { language } = context
  const state = saved.steps[step.id]
  return {
    id: step.id, title: step.title[language], text: plainText(lab.texts[step.id]?.[language] ?? ''), done: state?.done ?? false,
    points: step.checks.reduce((sum, check) => sum + check.points, 0),
    questions: step.questions.map((question) => ({ key: question.key, prompt: question.prompt[language], answer: state?.answers[question.key] })),
    hints: step.hints.slice(0, state?.hintsTaken ?? 0).map((hint) => hint.text[language]),
  }
}

/** A step as text: what to read, what to answer, the hints taken so far. */
export function stepText(lab: LoadedLab, id: string, saved: SavedLab, context: CommandContext): string {
  const step = stepOf(lab.file, id)
  const { language, look } = context
  const state = saved.steps[step.id]
  const number = lab.file.steps.indexOf(step) + 1
  const questions = step.questions.map((question) =>
    `  ${paint(look, 'bold', question.key)}: ${plainText(question.prompt[language])}${state?.answers[question.key] === undefined ? '' : ` (you said: ${plainText(state.answers[question.key] ?? '')})`}`)
  return [
    paint(look, 'dim', `step ${number} of ${lab.file.steps.length}, ${step.id}${state?.done ? ', done' : ''}`),
    plainText(lab.texts[step.id]?.[language] ?? '').trimEnd(),
    ...(questions.length > 0 ? ['', `Answer with "hoplab answer ${step.id} KEY=VALUE":`, ...questions] : []),
    ...step.hints.slice(0, state?.hintsTaken ?? 0).map((hint, index) => `\nHint ${index + 1}: ${plainText(hint.text[language])}`),
  ].join('\n')
}

/** All steps as a table. */
export function stepsTable(lab: LabFile, saved: SavedLab, context: CommandContext): string {
  return columns(['step', 'id', 'title', 'points', 'state'], lab.steps.map((step, index) => [
    String(index + 1), step.id, step.title[context.language], String(step.checks.reduce((sum, check) => sum + check.points, 0)),
    saved.steps[step.id]?.done ? 'done' : 'open',
  ]), context.look)
}
