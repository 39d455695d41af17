import type { Clock } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'

/** How long what was found on a path stands for checks that turn red on it later, in milliseconds: it may be mended, and broken elsewhere, since. */
const freshMs = 10_000

/** The first broken hops of paths that were looked at not long ago. */
export class FoundHops {
  readonly #clock: Clock
  readonly #found = new Map<string, { hop: BrokenHop; at: number }>()

  constructor(clock: Clock) { this.#clock = clock }

  /** What was found on the path; undefined when it was not looked at, too long ago, or without finding anything. */
  get(path: string): BrokenHop | undefined {
    const known = this.#found.get(path)
    return known && this.#clock.now() - known.at < freshMs ? known.hop : undefined
  }

  set(path: string, hop: BrokenHop): void { this.#found.set(path, { hop, at: this.#clock.now() }) }
}
