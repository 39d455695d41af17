import { plainLine } from '@hoplab/core'
import { mostLooks, type PastLook } from '@hoplab/model'
import type { Look } from './kinds/look.ts'

/** What each look of one check said. Looks in a row that say the same share an entry; of too many entries the first and the last halves stay. */
export class Looks {
  readonly #first: PastLook[] = []
  readonly #last: PastLook[] = []

  /** @param atMs from the check's first look */
  add({ state, why: words }: Look, believed: boolean, atMs: number): void {
    const why = plainLine(words, 300)
    const before = this.#last.at(-1) ?? this.#first.at(-1)
    if (before && before.state === state && before.why === why && before.believed === believed) { before.times += 1; return }
    const entry: PastLook = { atMs: Math.round(Math.max(0, atMs)), state, believed, why, times: 1 }
    if (this.#first.length < mostLooks / 2) { this.#first.push(entry); return }
    this.#last.push(entry)
    if (this.#last.length > mostLooks / 2) this.#last.shift()
  }

  /** In order; at most {@link mostLooks}. */
  list(): PastLook[] { return [...this.#first, ...this.#last].map((look) => ({ ...look })) }
}
