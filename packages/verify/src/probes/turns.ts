/**
 * Who asks at which node next. One batch of a node after the other: the next one's connections would take over records of the last one's. What is
 * asked while one is going on, by whichever round, goes together in the next: a check never waits for more than one batch of others.
 */
export class Turns<Item> {
  readonly #waiting = new Map<string, Item[]>()
  readonly #overlap: boolean

  /** @param options.overlap batches of a node wait for none before them. @default false */
  constructor({ overlap = false }: { overlap?: boolean } = {}) { this.#overlap = overlap }

  /**
   * Takes `item` into the next batch of `node`, with all that comes before the next macrotask: until then whoever was just answered may ask on.
   * @param send carries out one batch; must not reject
   */
  add(node: string, item: Item, send: (batch: Item[]) => Promise<void>): void {
    const waiting = this.#waiting.get(node)
    if (waiting) { waiting.push(item); return }
    const fresh = [item]
    this.#waiting.set(node, fresh)
    setTimeout(() => this.#inTurn(node, fresh, send), 0)
  }

  async #inTurn(node: string, waiting: Item[], send: (batch: Item[]) => Promise<void>): Promise<void> {
    if (this.#overlap) { this.#waiting.delete(node); return send(waiting) }
    while (waiting.length > 0) {
      await send(waiting.splice(0))
      await new Promise<void>((resolve) => { setTimeout(resolve, 0) })
    }
    this.#waiting.delete(node)
  }
}
