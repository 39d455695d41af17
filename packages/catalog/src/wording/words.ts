import type { HopError, RaiseOptions } from '@hoplab/core'
import { HOP_TEXT_SCRIPT, HOP_TEXT_WORD } from './errors.ts'
import type { Refused } from './glossary.ts'
import { partsOf } from './markdown-parts.ts'
import type { TextPair } from './text-pair.ts'

/** Options that point an error at a character of the Hinglish text. */
export function pointIn({ at }: TextPair, offset = 0): RaiseOptions {
  const position = at(offset)
  return position ? { position } : {}
}

/** Nothing in a Hinglish text is written in Devanagari. */
export function scriptProblems(pair: TextPair): HopError[] {
  const found = /[\p{Script=Devanagari}]+/u.exec(pair.text['hi-Latn'])
  return found ? [HOP_TEXT_SCRIPT({ problem: `"${found[0]}" is Devanagari.`, fix: 'Write it in Latin letters.' }, pointIn(pair, found.index))] : []
}

/** No word outside code is one that the glossary refuses. */
export function wordProblems(pair: TextPair, refused: readonly Refused[]): HopError[] {
  const { prose } = partsOf(pair.text['hi-Latn'])
  return refused.flatMap(({ word, write }) => {
    const found = wholeWord(word).exec(prose)
    return found ? [HOP_TEXT_WORD({ problem: `"${found[0]}" is not written in Hinglish texts.`, fix: `Write "${write}".` }, pointIn(pair, found.index))] : []
  })
}

/** Finds a word or phrase that is no part of a longer word. Glossary words have letters, digits, spaces and dashes only. */
export function wholeWord(word: string, endings = ''): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${word.replace(/ +/gu, '\\s+')}${endings}(?![\\p{L}\\p{N}])`, 'iu')
}
