import type { Position } from '@hoplab/core'
import type { Localized } from '@hoplab/model'
import type { LoadedLab } from '../loaded-lab.ts'
import type { Path } from '../source/yaml-file.ts'

/** A text in both languages, and where the Hinglish one stands. */
export interface TextPair {
  /** A step is a whole text; a line is a title, a question or a hint. */
  sort: 'step' | 'line'
  text: Localized
  /** Place of a character of the Hinglish text, as exactly as its file tells. */
  at: (offset: number) => Position | undefined
}

/** Every text of a lab that a learner reads in either language. */
export function textsOf(lab: LoadedLab): TextPair[] {
  const inYaml = [lab.file, ...lab.solutions, ...lab.nearMisses, ...lab.faults].flatMap((value) => linesIn(value, (path) => lab.sources.at(value, path)))
  return [...stepTexts(lab), ...inYaml]
}

/** Every text in both languages inside a value that was read from YAML. */
export function linesIn(value: unknown, at: (path: Path) => Position | undefined): TextPair[] {
  const found: TextPair[] = []
  const walk = (inner: unknown, path: Path): void => {
    if (inner === null || typeof inner !== 'object') return
    if (isLocalized(inner)) found.push({ sort: 'line', text: inner, at: () => at([...path, 'hi-Latn']) })
    else for (const [key, next] of Object.entries(inner)) walk(next, [...path, Array.isArray(inner) ? Number(key) : key])
  }
  walk(value, [])
  return found
}

function isLocalized(value: object): value is Localized {
  return 'en' in value && 'hi-Latn' in value && typeof value.en === 'string' && typeof value['hi-Latn'] === 'string'
}

function stepTexts({ texts, translations }: LoadedLab): TextPair[] {
  return Object.entries(texts).map(([step, text]) => {
    const { file = '', from } = translations[step] ?? {}
    const at = (offset: number): Position => {
      const lines = text['hi-Latn'].slice(0, offset).split('\n')
      // The line that names the English text is not part of what people read.
      return { file, line: lines.length + (from === undefined ? 0 : 1), column: (lines.at(-1) ?? '').length + 1 }
    }
    return { sort: 'step', text, at }
  })
}
