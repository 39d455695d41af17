import type { Clock } from '@hoplab/core'

/** How long everybody must have been waiting before time goes on, in real milliseconds: longer than a fake toolbox takes. */
const idleMs = 3

/**
 * A clock whose time passes only while everybody waits: then it jumps to the nearest end of a sleep. Minutes of `within` and `hold` take
 * milliseconds, and a slow machine does not make time go by.
 */
export class IdleClock implements Clock {
  #now = 0
  readonly #sleepers = new Set<{ at: number; wake: () => void }>()
  #armed = false

  now(): number { return this.#now }
  timestamp(): string { return new Date().toISOString() }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
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
      const nearest = Math.min(...[...this.#sleepers].map(({ at }) => at))
      if (Number.isFinite(nearest)) this.#now = Math.max(this.#now, nearest)
      for (const sleeper of this.#sleepers) if (sleeper.at <= this.#now) sleeper.wake()
      this.#arm()
    }, idleMs)
  }
}
