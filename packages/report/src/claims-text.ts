import { plainLine } from '@hoplab/core'
import { type Look, paint } from './look.ts'

/** One proof of a claim, with the titles that people read, in one language. */
export interface ShownProof { lab: string; step: string; check: string; checkTitle: string; counterCase: string; counterTitle: string }

/** One claim as it is printed, in one language. */
export interface ShownClaim {
  id: string
  /** Whether something of it is not proven yet. */
  open: boolean
  words: string
  en: string
  note?: string
  missing?: string
  proof: readonly ShownProof[]
}

/** Most characters of a line. */
const width = 80

/** Claims as short paragraphs that read well aloud: no line is longer than 80 characters, no drawing carries meaning. */
export function claimsText(claims: readonly ShownClaim[], look: Look): string {
  const open = claims.filter((claim) => claim.open).length
  return [
    ...claims.map((claim) => claimText(claim, look)),
    [
      ...wrapped(`${claims.length - open} of ${claims.length} claims have their proof: a check, and a case of the same lab in which it is declared to fail. ${open} are open.`),
      ...wrapped('How these cases ended on real clusters: pnpm proof --claims'),
    ].join('\n'),
  ].join('\n\n')
}

function claimText({ id, open, words, en, note, missing, proof }: ShownClaim, look: Look): string {
  const state = open ? paint(look, 'yellow', proof.length > 0 ? 'open, proven in part' : 'open') : paint(look, 'green', 'proven')
  return [
    `${paint(look, 'bold', id)} ${state}`,
    ...wrapped(words, 2), ...wrapped(`In English: ${en}`, 2),
    ...note === undefined ? [] : wrapped(`Precisely: ${note}`, 2),
    ...proof.flatMap(proofLines),
    ...missing === undefined ? [] : wrapped(`Still to be proven: ${missing}`, 2),
  ].join('\n')
}

function proofLines({ lab, step, check, checkTitle, counterCase, counterTitle }: ShownProof): string[] {
  return [
    ...wrapped(`Proven in ${lab}, step ${step}, by check ${check}: ${checkTitle}`, 2),
    ...wrapped(`It fails in ${counterCase}: ${counterTitle}`, 4),
  ]
}

/** Foreign text made plain, in lines broken between words; a word longer than a line stays whole. */
function wrapped(text: string, indent = 0): string[] {
  const lines: string[] = []
  for (const word of plainLine(text, 1_000).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && indent + last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => ' '.repeat(indent) + line)
}
