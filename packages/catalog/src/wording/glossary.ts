import type { HopError } from '@hoplab/core'
import { type GlossaryFile, glossaryFile } from '@hoplab/model'
import type { LabFiles } from '../lab-files.ts'
import { readDocument } from '../read/case.ts'
import { typed } from '../source/typed-file.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'
import { HOP_GLOSSARY_CONTRADICTION } from './errors.ts'

/** `glossary.yaml` and where its words stand. */
export type LoadedGlossary = { file: GlossaryFile; document: YamlDocument }

/** `glossary.yaml` at the root. @throws the first problem of the file */
export async function readGlossary(files: LabFiles): Promise<LoadedGlossary> {
  const document = await readDocument('glossary.yaml', { files }, 'to word Hinglish texts')
  return { file: typed(glossaryFile, document), document }
}

/** A word that lint refuses, what to write instead, and where the glossary says so. */
export interface Refused { word: string; write: string; path: Path }

/** Every word that the glossary refuses. */
export function refusedWords({ prefer, forbidden }: GlossaryFile): Refused[] {
  return [
    ...prefer.flatMap(({ write, not }, index) => not.map((word, place) => ({ word, write, path: ['prefer', index, 'not', place] }))),
    ...forbidden.map(({ word, write }, index) => ({ word, write, path: ['forbidden', index, 'word'] })),
  ]
}

/** A word is refused once, and nothing that is refused is asked for elsewhere. */
export function lintGlossary({ file, document }: LoadedGlossary): HopError[] {
  const asked = new Set([...file.stay, ...file.prefer.map(({ write }) => write), ...file.forbidden.map(({ write }) => write)].map((word) => word.toLowerCase()))
  const seen = new Set<string>()
  return refusedWords(file).flatMap(({ word, path }) => {
    const lower = word.toLowerCase()
    const twice = seen.size === seen.add(lower).size
    return asked.has(lower) || twice ? [HOP_GLOSSARY_CONTRADICTION(
      { problem: `"${word}" is refused ${asked.has(lower) ? 'and asked for' : 'twice'}.`, fix: `Take "${word}" out of one of the places.` }, { position: document.at(path) })] : []
  })
}
