import type { HopError } from '@hoplab/core'
import type { LoadedCase, LoadedLab } from './loaded-lab.ts'
import { addonProblems } from './rules/addons.ts'
import { controlProblems } from './rules/controls.ts'
import { identityProblems } from './rules/identity.ts'
import { imageProblems } from './rules/images.ts'
import { namespaceProblems } from './rules/namespaces.ts'
import { nodeProblems } from './rules/nodes.ts'
import { orderProblems } from './rules/order.ts'
import { freePointProblems } from './rules/points.ts'
import { proofProblems } from './rules/proof.ts'
import { seedProblems } from './rules/seed.ts'
import { answerKeyProblems, questionProblems } from './rules/questions.ts'
import { unreadProblems } from './rules/unread.ts'

/** One rule: every breach of it, in the order of the files. */
export type Rule<T extends unknown[] = []> = (lab: LoadedLab, ...more: T) => HopError[]

const rules: readonly Rule[] = [
  identityProblems, seedProblems, orderProblems, questionProblems, nodeProblems, addonProblems, controlProblems, namespaceProblems, imageProblems, proofProblems, freePointProblems, unreadProblems,
]

/** Everything that is wrong with a lab that could be read. Empty = finished as far as can be told without a cluster. */
export function lintLab(lab: LoadedLab): HopError[] {
  return rules.flatMap((rule) => rule(lab))
}

/** The rules that a submission must keep too. */
export function submissionProblems(lab: LoadedLab, submission: LoadedCase): HopError[] {
  const alone: LoadedLab = { ...lab, manifests: [], solutions: [submission], nearMisses: [], faults: [] }
  return [answerKeyProblems, nodeProblems, namespaceProblems, imageProblems].flatMap((rule) => rule(alone))
}
