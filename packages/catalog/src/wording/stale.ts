import type { HopError } from '@hoplab/core'
import type { LoadedLab } from '../loaded-lab.ts'
import { HOP_TEXT_STALE } from './errors.ts'

/** Every Hinglish step was made from, or looked through against, the English text that is there now. */
export function staleProblems({ file, translations }: LoadedLab): HopError[] {
  return Object.entries(translations).filter(([, { from, now }]) => from !== now).map(([step, { file: text, from }]) => HOP_TEXT_STALE({
    problem: from === undefined ? `"${text}" does not name the English text that it says the same as.` : `The English text of the step "${step}" has changed, and the Hinglish one is as before.`,
    fix: `Make "${text}" say the same as the English text, then type: pnpm translated ${file.id} ${step}`,
  }, { position: { file: text, line: 1, column: 1 } }))
}
