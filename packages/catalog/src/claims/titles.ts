import type { ClaimProof, Localized } from '@hoplab/model'
import type { LoadedLab } from '../loaded-lab.ts'
import { casesOf } from './proof.ts'

/** What people read of what a proof names. */
export type ProofTitles = Record<'lab' | 'step' | 'check' | 'counterCase', Localized>

/** Titles of what a proof names; undefined when it names what is not there, which no proof of `readClaims` does. */
export function proofTitles(proof: ClaimProof, labs: readonly LoadedLab[]): ProofTitles | undefined {
  const lab = labs.find(({ file }) => file.id === proof.lab)
  const step = lab?.file.steps.find(({ id }) => id === proof.step)
  const check = step?.checks.find(({ id }) => id === proof.check)
  const counterCase = lab && casesOf(lab).get(proof.counterCase)
  return lab && step && check && counterCase ? { lab: lab.file.title, step: step.title, check: check.title, counterCase: counterCase.title } : undefined
}
