import type { HopError, Raise } from '@hoplab/core'
import { HOP_TEXT_CODE, HOP_TEXT_LENGTH, HOP_TEXT_NUMBER, HOP_TEXT_OBJECT, HOP_TEXT_TERM } from './errors.ts'
import { fenced, partsOf, wordsOf } from './markdown-parts.ts'
import type { TextPair } from './text-pair.ts'
import { pointIn, wholeWord } from './words.ts'

/** What stands in a text, with the places. */
type Found = readonly { word: string; offset: number }[]

/** Both languages show the same code within lines, and the same blocks in the same order. */
export function codeProblems(pair: TextPair): HopError[] {
  const [english, hinglish] = [partsOf(pair.text.en), partsOf(pair.text['hi-Latn'])]
  const odd = hinglish.blocks.findIndex((block, index) => block !== english.blocks[index])
  const blocks = odd < 0 && hinglish.blocks.length === english.blocks.length ? [] : [HOP_TEXT_CODE(
    { problem: `Block ${(odd < 0 ? hinglish.blocks.length : odd) + 1} of code is not that of the English text.`, fix: 'Copy the blocks from the English text, in its order.' },
    pointIn(pair, odd < 0 ? 0 : pair.text['hi-Latn'].indexOf(hinglish.blocks[odd] ?? '')))]
  const spans = (parts: typeof english): Found => parts.spans.map(({ code, offset }) => ({ word: code, offset }))
  return [...blocks, ...differences(pair, HOP_TEXT_CODE, (code) => `\`${code}\``, spans(english), spans(hinglish))]
}

/** Both languages tell the same numbers outside code. */
export function numberProblems(pair: TextPair): HopError[] {
  const numbers = (text: string): Found => wordsOf(partsOf(text).prose).filter(({ word }) => /^\p{N}/u.test(word))
  return differences(pair, HOP_TEXT_NUMBER, (number) => `the number ${number}`, numbers(pair.text.en), numbers(pair.text['hi-Latn']))
}

/** Both languages name the same objects of the lab outside code. */
export function objectProblems(pair: TextPair, objects: ReadonlySet<string>): HopError[] {
  const named = (text: string): Found => wordsOf(partsOf(text).prose).filter(({ word }) => objects.has(word))
  return differences(pair, HOP_TEXT_OBJECT, (name) => `"${name}"`, named(pair.text.en), named(pair.text['hi-Latn']))
}

/** Terms that stay English are in the Hinglish step when they are in the English one, in singular or plural. */
export function termProblems(pair: TextPair, terms: readonly string[]): HopError[] {
  const [english, hinglish] = [partsOf(pair.text.en).prose, partsOf(pair.text['hi-Latn']).prose]
  return terms.filter((term) => pair.sort === 'step' && wholeWord(term, '(?:e?s)?').test(english) && !wholeWord(term, '(?:e?s)?').test(hinglish))
    .map((term) => HOP_TEXT_TERM({ problem: `The English text says "${term}", the Hinglish one never does.`, fix: `Say "${term}" in the Hinglish text too.` }, pointIn(pair)))
}

/** The Hinglish text is 60 to 160 % as long as the English one. Blocks of code and line breaks do not count. */
export function lengthProblems(pair: TextPair): HopError[] {
  const length = (text: string): number => text.replace(fenced, '').replace(/\s+/gu, ' ').trim().length
  const percent = Math.round(100 * length(pair.text['hi-Latn']) / Math.max(1, length(pair.text.en)))
  return percent >= 60 && percent <= 160 ? [] : [HOP_TEXT_LENGTH(
    { problem: `The Hinglish text is ${percent} % as long as the English one.`, fix: percent < 60 ? 'Say all that the English text says.' : 'Say it more briefly.' }, pointIn(pair))]
}

/** What only one of the languages has; each thing once, at its first place. */
function differences(pair: TextPair, raise: Raise<{ problem: string; fix: string }>, called: (word: string) => string, english: Found, hinglish: Found): HopError[] {
  const lacks = (all: Found, word: string): boolean => all.every((other) => other.word !== word)
  const once = (all: Found): Found => all.filter(({ word }, index) => all.findIndex((other) => other.word === word) === index)
  return [
    ...once(english).filter(({ word }) => lacks(hinglish, word)).map(({ word }) =>
      raise({ problem: `The English text has ${called(word)}, the Hinglish one has not.`, fix: `Put ${called(word)} into the Hinglish text, or take it out of the English one.` }, pointIn(pair))),
    ...once(hinglish).filter(({ word }) => lacks(english, word)).map(({ word, offset }) =>
      raise({ problem: `The Hinglish text has ${called(word)}, the English one has not.`, fix: `Take ${called(word)} out, or put it into the English text too.` }, pointIn(pair, offset))),
  ]
}
