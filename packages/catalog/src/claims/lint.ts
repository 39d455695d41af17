import type { HopError } from '@hoplab/core'
import { isOpen } from '@hoplab/model'
import type { LoadedLab } from '../loaded-lab.ts'
import { coverageProblems } from './coverage.ts'
import { HOP_CLAIM_COUNT } from './errors.ts'
import { proofProblems } from './proof.ts'
import type { LoadedClaims } from './loaded-claims.ts'

/** Everything that is wrong with claims that could be read, held against the notes and the labs. */
export function lintClaims(claims: LoadedClaims, labs: readonly LoadedLab[]): HopError[] {
  return [...coverageProblems(claims), ...proofProblems(claims, labs), ...countProblems(claims)]
}

function countProblems({ file, document }: LoadedClaims): HopError[] {
  const counted = file.claims.filter(isOpen).length
  return file.open === counted ? [] : [HOP_CLAIM_COUNT(
    { problem: `${counted} claims are open, not ${file.open}.`, fix: `Write "open: ${counted}".` }, { position: document.at(['open']) })]
}
