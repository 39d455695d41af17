import type { Clock } from '@hoplab/core'

/**
 * Turns of the event loop in which nobody asked the clock before time goes on. Counted in turns: everything that was due has had its turn after
 * one, however long the machine kept the process waiting; three milliseconds were over before a fake program was done, on a starved one.
 */
const idleTurns = 5

/**
 * A clock whose time passes only while everybody waits: then it jumps to the nearest end of a sleep. Minutes of `within` and `hold` take
 * milliseconds, and a slow machine does not make time go by.
 */
export class IdleClock implements Clock {
  #now = 0
  #idleFor = 0
  readonly #sleepers = new Set<{ at: number; wake: () => void }>()
  #armed = false

  now(): number {
    this.#idleFor = 0
    return this.#now
  }
  timestamp(): string { return new Date().toISOString() }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#idleFor = 0
    return new Promise((resolve, reject) => {
      if (signal?.aborted) { reject(signal.reason); return }
      const sleeper = { at: this.#now + ms, wake: () => { this.#sleepers.delete(sleeper); signal?.removeEventListener('abort', onAbort); resolve() } }
      const onAbort = (): void => { this.#sleepers.delete(sleeper); reject(signal?.reason) }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#sleepers.add(sleeper)
      this.#arm()
    })
  }

  #arm(): void {
    if (this.#armed || this.#sleepers.size === 0) return
    this.#armed = true
    setTimeout(() => {
      this.#armed = false
      this.#idleFor += 1
      if (this.#idleFor >= idleTurns) this.#goOn()
      this.#arm()
    }, 0)
  }

  #goOn(): void {
    this.#idleFor = 0
    const nearest = Math.min(...[...this.#sleepers].map(({ at }) => at))
    if (Number.isFinite(nearest)) this.#now = Math.max(this.#now, nearest)
    for (const sleeper of this.#sleepers) if (sleeper.at <= this.#now) sleeper.wake()
  }
}
