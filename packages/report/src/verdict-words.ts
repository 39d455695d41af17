import type { Verdict } from '@hoplab/model'
import { type Look, paint } from './look.ts'

const styles = { pass: 'green', fail: 'red', inconclusive: 'yellow', skipped: 'gray', 'not-offered': 'gray' } as const
const signs = { pass: '✓', fail: '✗', inconclusive: '?', skipped: '-', 'not-offered': '-' } as const

/** A verdict as a word of fixed width: read aloud it says the same as seen. */
export function verdictWord(verdict: Verdict, look: Look): string {
  const sign = look.unicode ? `${signs[verdict]} ` : ''
  return paint(look, styles[verdict], `${sign}${verdict.toUpperCase()}`)
}
