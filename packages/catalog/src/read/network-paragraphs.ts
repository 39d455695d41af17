import type { CniName } from '@hoplab/model'
import { HOP_LAB_PARAGRAPHS } from '../errors.ts'

/** Which network a text is read for: one of those that the lab is for, in the order it names them. */
export interface TextNetwork { cni: CniName | undefined; cnis: readonly CniName[] }

/**
 * The text as it is on one network. Lines between `::: calico` (or several names) and `:::` are for these networks alone; all others are for each. On the
 * lab's first network when `cni` is none of its own. Where something is left out, the empty lines around it become one; all others, and code blocks, are left
 * as they are.
 * @throws HOP_LAB_PARAGRAPHS at the line that opens what never ends, closes what never began, or names no network of the lab
 */
export function paragraphsOn(text: string, { cni, cnis }: TextNetwork, file: string): string {
  const on = cnis.find((one) => one === cni) ?? cnis[0]
  const lines = text.split('\n')
  const kept: string[] = []
  let open: { line: number; names: readonly string[] } | undefined
  let code = false
  let cut = false
  for (const [index, line] of lines.entries()) {
    if (/^ {0,3}(?:```|~~~)/u.test(line)) code = !code
    const mark = code ? null : /^:::\s*(.*?)\s*$/u.exec(line)
    const stays = mark === null && (open === undefined || open.names.some((name) => name === on))
    if (stays && !(cut && line === '' && kept.at(-1) === '')) { kept.push(line); cut = false }
    if (!stays) cut = true
    if (mark !== null) open = opened(open, (mark[1] ?? '').split(/[\s,]+/u).filter(Boolean), { line: index + 1, cnis, file })
  }
  if (open) throw wrong(`":::" that begins in line ${open.line} never ends.`, 'Write ":::" in a line of its own below it.', { file, line: open.line })
  return kept.join('\n')
}

type Mark = { line: number; names: readonly string[] }

function opened(before: Mark | undefined, names: readonly string[], { line, cnis, file }: { line: number; cnis: readonly string[]; file: string }): Mark | undefined {
  if (names.length === 0) {
    if (before === undefined) throw wrong('":::" ends what never began.', 'Write the networks it is for above, e.g. "::: calico".', { file, line })
    return undefined
  }
  if (before !== undefined) throw wrong(`What begins in line ${before.line} has not ended yet.`, 'Write ":::" in a line of its own before this one.', { file, line })
  const foreign = names.find((name) => !cnis.includes(name))
  if (foreign !== undefined) throw wrong(`"${foreign}" is no network of this lab.`, `Name some of ${cnis.join(', ')}, or add it to "cnis" in lab.yaml.`, { file, line })
  return { line, names }
}

const wrong = (problem: string, fix: string, { file, line }: { file: string; line: number }): Error => HOP_LAB_PARAGRAPHS({ problem, fix }, { position: { file, line, column: 1 } })
