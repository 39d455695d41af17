import { place as placeIn, type SeedValue } from '@hoplab/model'
import type { Position } from '@hoplab/core'
import { HOP_LAB_PLACE_UNKNOWN } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'

/** What a seed drew for one lab, and what the lab says of its network. */
export interface Places {
  /** What each `$seed.NAME` stands for. */
  values: ReadonlyMap<string, SeedValue>
  /** What each `$network.NAME` stands for. */
  network: ReadonlyMap<string, SeedValue>
  /** Ids of the breakages that are planted, and of all that might have been. */
  drawn: ReadonlySet<string>
  drawable: ReadonlySet<string>
}

/** Of a lab that is the same for every seed and on every network: it has no places. */
export const noPlaces: Places = { values: new Map(), network: new Map(), drawn: new Set(), drawable: new Set() }

const every = new RegExp(placeIn.source, 'gu')
const whole = new RegExp(`^${placeIn.source}$`, 'u')

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
    if (placeIn.test(key)) throw HOP_LAB_PLACE_UNKNOWN({ problem: `"${key}" is a key, and only values are filled.`, fix: 'Write the key out.' }, { position: document.atKey([...path, key]) })
    return [key, filledValue(inner, [...path, key], document, places)]
  }))
}

/** A text with its places filled. @throws HOP_LAB_PLACE_UNKNOWN at the first unknown one, by line and column of `file` */
export function filledText(text: string, file: string, places: Places): string {
  return text.replaceAll(every, (_place, of: Filler, name: string, offset: number) => {
    const lines = text.slice(0, offset).split('\n')
    return String(valueOf(of, name, places, () => ({ file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 })))
  })
}

function filledScalar(text: string, places: Places, at: () => Position): SeedValue {
  const [, of, name] = whole.exec(text) ?? []
  return name === undefined ? text.replaceAll(every, (_place, filler: Filler, inner: string) => String(valueOf(filler, inner, places, at))) : valueOf(of as Filler, name, places, at)
}

type Filler = 'seed' | 'network'
const fillers = { seed: { key: 'seed', decides: 'The seed decides nothing' }, network: { key: 'networks', decides: 'The network has nothing' } } as const

function valueOf(of: Filler, name: string, { values, network }: Places, at: () => Position): SeedValue {
  const known = of === 'seed' ? values : network
  const value = known.get(name)
  if (value !== undefined) return value
  const near = nearest(name, known.keys())
  const fix = near === undefined ? `Add the name under ${fillers[of].key} in lab.yaml, or write the text out.` : `Write "$${of}.${near}".`
  throw HOP_LAB_PLACE_UNKNOWN({ problem: `${fillers[of].decides} called "${name}" here.${near === undefined ? '' : ` Did you mean "${near}"?`}`, fix }, { position: at() })
}
