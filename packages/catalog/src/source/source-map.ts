import type { Position } from '@hoplab/core'
import type { Path, YamlDocument } from './yaml-file.ts'

/** Remembers where parsed values were written, so that a rule can point at them later. */
export class SourceMap {
  readonly #written = new WeakMap<object, { document: YamlDocument; base: Path }>()

  /** `value` was read from `base` of `document`. */
  note(value: object, document: YamlDocument, base: Path = []): void { this.#written.set(value, { document, base }) }

  /** Where `path` inside `value` stands; undefined when the value was made up, not read. */
  at(value: object, path: Path = []): Position | undefined {
    const written = this.#written.get(value)
    return written?.document.at([...written.base, ...path])
  }

  /** Like {@link at}, for the key rather than its value. */
  atKey(value: object, path: Path): Position | undefined {
    const written = this.#written.get(value)
    return written?.document.atKey([...written.base, ...path])
  }
}
