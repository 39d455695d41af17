import { seedPlace, type SeedValue } from '@hoplab/model'
import type { Position } from '@hoplab/core'
import { HOP_LAB_PLACE_UNKNOWN } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'

/** What a seed drew for one lab. */
export interface Places {
  /** What each `$seed.NAME` stands for. */
  values: ReadonlyMap<string, SeedValue>
  /** Ids of the breakages that are planted, and of all that might have been. */
  drawn: ReadonlySet<string>
  drawable: ReadonlySet<string>
}

/** Of a lab that is the same for every seed: it has no places. */
export const noPlaces: Places = { values: new Map(), drawn: new Set(), drawable: new Set() }

const every = new RegExp(seedPlace.source, 'gu')
const whole = new RegExp(`^${seedPlace.source}$`, 'u')

/** A document with its places filled; positions stay those of the file. @throws HOP_LAB_PLACE_UNKNOWN at the value that has an unknown one */
export function filledDocument(document: YamlDocument, places: Places): YamlDocument {
  return { ...document, value: filledValue(document.value, [], document, places) }
}

/** {@link filledDocument} of the value at `path`. A value that is a place as a whole gets the type of what is put in. */
export function filledValue(value: unknown, path: Path, document: YamlDocument, places: Places): unknown {
  if (typeof value === 'string') return filledScalar(value, places, () => document.at(path))
  if (Array.isArray(value)) return value.map((item, index) => filledValue(item, [...path, index], document, places))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
    if (seedPlace.test(key)) throw HOP_LAB_PLACE_UNKNOWN({ problem: `"${key}" is a key, and only values are filled.`, fix: 'Write the key out.' }, { position: document.atKey([...path, key]) })
    return [key, filledValue(inner, [...path, key], document, places)]
  }))
}

/** A text with its places filled. @throws HOP_LAB_PLACE_UNKNOWN at the first unknown one, by line and column of `file` */
export function filledText(text: string, file: string, places: Places): string {
  return text.replaceAll(every, (_place, name: string, offset: number) => {
    const lines = text.slice(0, offset).split('\n')
    return String(valueOf(name, places, () => ({ file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 })))
  })
}

function filledScalar(text: string, places: Places, at: () => Position): SeedValue {
  const [, name] = whole.exec(text) ?? []
  return name === undefined ? text.replaceAll(every, (_place, inner: string) => String(valueOf(inner, places, at))) : valueOf(name, places, at)
}

function valueOf(name: string, { values }: Places, at: () => Position): SeedValue {
  const value = values.get(name)
  if (value !== undefined) return value
  const near = nearest(name, values.keys())
  const fix = near === undefined ? 'Add the name under seed in lab.yaml, or write the text out.' : `Write "$seed.${near}".`
  throw HOP_LAB_PLACE_UNKNOWN({ problem: `The seed decides nothing called "${name}" here.${near === undefined ? '' : ` Did you mean "${near}"?`}`, fix }, { position: at() })
}
