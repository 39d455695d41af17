import type { Clock } from '../clock.ts'

/** A clock that stands still until told: `sleep` moves it forward at once. */
export class FakeClock implements Clock {
  #now = 0
  now(): number { return this.#now }
  timestamp(): string { return new Date(this.#now).toISOString() }
  /** Moves time without anybody sleeping. */
  advance(ms: number): void { this.#now += ms }
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#now += ms
    await Promise.resolve()
  }
}
