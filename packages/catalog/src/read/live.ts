import { liveValue } from '@hoplab/model'
import { filledDocument } from '../seed/places.ts'
import { typed } from '../source/typed-file.ts'
import type { Path, YamlDocument } from '../source/yaml-file.ts'
import type { Reading } from './reading.ts'

/** A document with its places filled, in which every `$live` says what to read of what. @throws HOP_LAB_PLACE_UNKNOWN, and at a `$live` that says it wrongly HOP_LAB_KEY_UNKNOWN, HOP_LAB_VALUE_INVALID */
export function documentWithLive(document: YamlDocument, { places }: Pick<Reading, 'places'>): YamlDocument {
  const filled = filledDocument(document, places)
  refuseWrongLive(filled.value, [], filled)
  return filled
}

/** {@link documentWithLive} of the value at `path` alone. */
export function refuseWrongLive(value: unknown, path: Path, document: YamlDocument): void {
  if (value === null || typeof value !== 'object') return
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    if (key === '$live') typed(liveValue, { file: document.file, value: inner, at: (below) => document.at([...at, ...below]), atKey: (below) => document.atKey([...at, ...below]) })
    else refuseWrongLive(inner, at, document)
  }
}
