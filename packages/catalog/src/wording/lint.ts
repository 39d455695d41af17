import type { HopError } from '@hoplab/core'
import type { LoadedClaims } from '../claims/loaded-claims.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { type LoadedGlossary, refusedWords } from './glossary.ts'
import { codeProblems, lengthProblems, numberProblems, objectProblems, termProblems } from './same-as-english.ts'
import { staleProblems } from './stale.ts'
import { linesIn, type TextPair, textsOf } from './text-pair.ts'
import { scriptProblems, wordProblems } from './words.ts'

/** What is wrong with the Hinglish texts of a lab. It stops nobody from doing the lab, so `lintLab` does not ask it. */
export function lintTexts(lab: LoadedLab, glossary: LoadedGlossary): HopError[] {
  return [...staleProblems(lab), ...textsOf(lab).flatMap((pair) => problemsOf(pair, glossary, objectsOf(lab)))]
}

/** What is wrong with the Hinglish texts beside the claims. The notes' own words are theirs. */
export function lintClaimTexts({ file, document }: LoadedClaims, glossary: LoadedGlossary): HopError[] {
  return linesIn(file, (path) => document.at(path)).flatMap((pair) => problemsOf(pair, glossary, new Set()))
}

function problemsOf(pair: TextPair, { file }: LoadedGlossary, objects: ReadonlySet<string>): HopError[] {
  return [
    ...scriptProblems(pair), ...wordProblems(pair, refusedWords(file)), ...termProblems(pair, file.stay),
    ...codeProblems(pair), ...numberProblems(pair), ...objectProblems(pair, objects), ...lengthProblems(pair),
  ]
}

/** Names of what the lab sets up: objects and their containers. */
function objectsOf({ manifests }: LoadedLab): Set<string> {
  const names: string[] = manifests.map(({ metadata }) => metadata.name)
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    if ('image' in value && 'name' in value && typeof value.name === 'string') names.push(value.name)
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(manifests)
  return new Set(names)
}
