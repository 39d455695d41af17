import { type CniName, type LabFile, type Language, languages, type Step } from '@hoplab/model'
import { HOP_LAB_FILE_MISSING, HOP_LAB_UNTRANSLATED } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { filledText } from '../seed/places.ts'
import { readText } from '../source/text-file.ts'
import { splitTranslation, textHash } from '../source/translation.ts'
import type { Reading } from './reading.ts'
import { paragraphsOn } from './network-paragraphs.ts'

/** The Markdown of every step in every language as it is on `cni`, and how current each translation is. @throws HOP_LAB_UNTRANSLATED, HOP_LAB_FILE_MISSING at the step's `text` */
export async function readTexts(folder: string, lab: LabFile, reading: Reading, cni?: CniName): Promise<Pick<LoadedLab, 'texts' | 'translations'>> {
  const there = new Set(await reading.files.list(`${folder}/steps`))
  const texts: LoadedLab['texts'] = {}
  const translations: LoadedLab['translations'] = {}
  for (const [index, step] of lab.steps.entries()) {
    const at = reading.sources.at(lab, ['steps', index, 'text'])
    const path = (language: Language): string => `${folder}/steps/${step.text}.${language}.md`
    const missing = languages.filter((language) => !there.has(path(language)))
    if (missing.length > 0) throw missingText(step, missing.map((language) => reading.files.shown(path(language))), missing, at)
    const read = async (language: Language): Promise<[Language, string]> =>
      [language, await readText(reading.files, path(language), { for: 'as the text of a step', ...(at ? { at } : {}) })]
    const written = Object.fromEntries(await Promise.all(languages.map(read))) as Record<Language, string>
    const { from, text } = splitTranslation(written['hi-Latn'])
    const filled = (language: Language, words: string): string => paragraphsOn(filledText(words, reading.files.shown(path(language)), reading.places), { cni, cnis: lab.cnis }, reading.files.shown(path(language)))
    texts[step.id] = { en: filled('en', written.en), 'hi-Latn': filled('hi-Latn', text) }
    translations[step.id] = { file: reading.files.shown(path('hi-Latn')), now: await textHash(written.en), ...(from === undefined ? {} : { from }) }
  }
  return { texts, translations }
}

function missingText(step: Step, paths: readonly string[], missing: readonly Language[], position: LoadedPosition): Error {
  const options = position ? { position } : {}
  const [path = ''] = paths
  return missing.length === languages.length
    ? HOP_LAB_FILE_MISSING({ file: path, neededFor: `as the text of the step "${step.id}"` }, options)
    : HOP_LAB_UNTRANSLATED({ problem: `The step "${step.id}" has no text in ${missing.join(', ')}.`, fix: `Write "${path}".` }, options)
}

type LoadedPosition = ReturnType<Reading['sources']['at']>
