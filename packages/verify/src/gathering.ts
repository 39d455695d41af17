/** Work that is done for several at once, one group after the other: what comes while a group is worked on is the next group. */
export class Gathering<Item> {
  readonly #work: (group: Item[]) => Promise<void>
  #waiting: Item[] = []
  #working: Promise<void> | undefined

  /** @param work must not reject: nobody waits for it yet */
  constructor(work: (group: Item[]) => Promise<void>) { this.#work = work }

  /** Takes it into the next group; all that comes in the same moment goes together. */
  add(item: Item): void {
    this.#waiting.push(item)
    this.#working ??= this.#drain()
  }

  /** Resolves when there is nothing to work on. */
  async ended(): Promise<void> { while (this.#working) await this.#working }

  async #drain(): Promise<void> {
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#work(this.#waiting.splice(0))
    // In the same step as the last look at what waits: whatever comes later begins anew.
    this.#working = undefined
  }
}
