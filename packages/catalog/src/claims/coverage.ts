import type { HopError } from '@hoplab/core'
import { HOP_LAB_VALUE_INVALID } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { HOP_CLAIM_UNCOVERED, HOP_CLAIM_WORDS } from './errors.ts'
import type { LoadedClaims } from './loaded-claims.ts'

/** One line of the notes that is not blank, with the section it stands in. */
interface NoteLine { text: string; line: number; section: string }

/** Every line of the notes is a heading or quoted by exactly one claim, in order, and claims are numbered by section. */
export function coverageProblems(claims: LoadedClaims): HopError[] {
  const lines = linesOf(claims.notes)
  const problems = headingProblems(claims, lines)
  let next = 0
  let lost = false
  let id = ''
  for (const [index, { words, id: given }] of claims.file.claims.entries()) {
    const wanted = words.split('\n').map((text) => text.trim()).filter((text) => text !== '')
    const start = placeOf(wanted, lines, next)
    lost ||= start === undefined
    if (start === undefined) { problems.push(notQuoted(claims, index, wanted, lines)); continue }
    // Lines that a claim with wrong words was meant to quote are not complained of a second time.
    if (!lost) problems.push(...uncovered(claims, lines.slice(next, start)))
    lost = false
    id = idAfter(id, lines[start]?.section ?? '')
    if (given !== id) problems.push(misnumbered(claims, index, id))
    next = start + wanted.length
  }
  return lost ? problems : [...problems, ...uncovered(claims, lines.slice(next))]
}

function linesOf(notes: string): NoteLine[] {
  let section = ''
  return notes.split('\n').map((text, index) => {
    section = /^(\d+)\. /u.exec(text)?.[1] ?? section
    return { text: text.trim(), line: index + 1, section }
  }).filter(({ text }) => text !== '')
}

function placeOf(wanted: readonly string[], lines: readonly NoteLine[], from: number): number | undefined {
  const start = lines.findIndex((_, index) => index >= from && wanted.every((text, offset) => lines[index + offset]?.text === text))
  return start < 0 ? undefined : start
}

function idAfter(id: string, section: string): string {
  const [before, number] = id.split('.')
  return `${section}.${before === section ? Number(number) + 1 : 1}`
}

function headingProblems({ file, document }: LoadedClaims, lines: readonly NoteLine[]): HopError[] {
  const known = lines.map(({ text }) => text)
  return file.headings.flatMap((heading, index) => known.includes(heading) ? [] : [HOP_CLAIM_WORDS(
    { problem: `The notes have no line "${heading}".`, fix: fixFor(heading, known) }, { position: document.at(['headings', index]) })])
}

function notQuoted({ file, document }: LoadedClaims, index: number, wanted: readonly string[], lines: readonly NoteLine[]): HopError {
  const known = lines.map(({ text }) => text)
  const odd = wanted.find((text) => !known.includes(text))
  const id = file.claims[index]?.id
  return HOP_CLAIM_WORDS(odd === undefined
    ? { problem: `Claim ${id} quotes lines that stand elsewhere in the notes, or that another claim quotes.`, fix: 'Put it where its lines stand in the notes, and quote no line twice.' }
    : { problem: `Claim ${id} quotes "${odd}", and the notes have no such line.`, fix: fixFor(odd, known) }, { position: document.at(['claims', index, 'words']) })
}

const fixFor = (text: string, known: readonly string[]): string => {
  const near = nearest(text, known)
  return near === undefined ? 'Copy the line from the notes.' : `Write "${near}".`
}

function uncovered({ file, notesFile }: LoadedClaims, lines: readonly NoteLine[]): HopError[] {
  return lines.filter(({ text }) => !file.headings.includes(text)).map(({ text, line }) => HOP_CLAIM_UNCOVERED(
    { problem: `No claim quotes "${text}".`, fix: 'Add a claim with these words to claims.yaml, or list the line under headings.' }, { position: { file: notesFile, line, column: 1 } }))
}

function misnumbered({ document }: LoadedClaims, index: number, id: string): HopError {
  return HOP_LAB_VALUE_INVALID({ file: document.file, field: `claims.${index}.id`, problem: `must be "${id}": claims are numbered within their section of the notes` },
    { position: document.at(['claims', index, 'id']) })
}
