import type { CheckResult, LabFile, SavedLab, SavedStep, Spent, SpentOnStep } from '@hoplab/model'

/** What stays with a learner of a lab whatever becomes of its cluster: hints taken and what the tool solved. */
export function spentOf(steps: SavedLab['steps']): Record<string, SpentOnStep> {
  const entries = Object.entries(steps).map(([id, { hintsTaken, solved }]) => [id, { hintsTaken, ...(solved === undefined ? {} : { solved }) }] as const)
  return Object.fromEntries(entries.filter(([, one]) => one.hintsTaken > 0 || one.solved !== undefined))
}

/** Steps of a new cluster as what was spent before leaves them. */
export function stepsAfter(spent: Spent, lab: string): Record<string, SavedStep> {
  return Object.fromEntries(Object.entries(spent.labs[lab] ?? {}).map(([id, one]) => [id, { ...one, answers: {}, done: false }]))
}

/**
 * What `hoplab solve` did to each step. A solution's changes belong to no one step, so every step that was not done is taken as changed by them;
 * the step that was asked for, or every one, also has its answers from the tool.
 */
export function solvedByTool(lab: LabFile, saved: SavedLab, options: { step?: string; changed: boolean }): SavedLab['steps'] {
  const steps = { ...saved.steps }
  for (const { id } of lab.steps) {
    const before = steps[id] ?? { answers: {}, hintsTaken: 0, done: false }
    if (before.done || before.solved === 'all') continue
    if (options.step === undefined || options.step === id) steps[id] = { ...before, solved: 'all' }
    else if (options.changed) steps[id] = { ...before, solved: 'changes' }
  }
  return steps
}

/** A result as it counts for a learner: without points, and saying so, where the tool did the work. */
export function credited(lab: LabFile, result: CheckResult, steps: SavedLab['steps']): CheckResult {
  const { solved } = steps[result.step] ?? {}
  if (solved === undefined || result.maxPoints === 0) return result
  const kind = lab.steps.flatMap((step) => step.checks).find((check) => check.id === result.id)?.kind
  if (solved === 'changes' && kind === 'answer') return result
  return { ...result, points: 0, solvedByTool: true, why: `${result.why} "hoplab solve" did this, so it earns no points.` }
}
