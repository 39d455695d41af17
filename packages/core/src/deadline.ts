import { type Clock, systemClock } from './clock.ts'
import { defineError, HopError } from './errors.ts'

/** A bound ran out. Carries which bound, because a child may end before its parent. */
export const HOP_DEADLINE_EXCEEDED = defineError<{ name: string; ms: number }>('HOP_DEADLINE_EXCEEDED', {
  exitCode: 3,
  what: (p) => `"${p.name}" did not finish within ${Math.round(p.ms / 1000)} s.`,
  why: 'The machine is slower than planned for, or the thing waited for will never happen.',
  fix: 'Run "hoplab doctor"; on a slow machine set HOPLAB_TIMEOUT_FACTOR=2 and try again.',
  state: 'What had been created before is kept unless the message above says otherwise.',
})

/** The user stopped the command (Ctrl-C or SIGTERM). */
export const HOP_INTERRUPTED = defineError('HOP_INTERRUPTED', {
  exitCode: 130,
  what: 'Interrupted.',
  why: 'The command was asked to stop.',
  fix: 'Type the command again to start over.',
  state: 'Everything this command had created was removed; a lab that was up before is still up.',
})

/**
 * One absolute bound that flows through every call.
 * Its signal aborts with `HOP_DEADLINE_EXCEEDED` when time is up, or with its parent's reason when the parent ends first.
 */
export class Deadline implements Disposable {
  readonly name: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly #endsAt: number
  /** The bound to name when time is up: an outer one where that ends first. */
  readonly #blamed: { name: string; ms: number }
  readonly #controller = new AbortController()
  readonly #timer: ReturnType<typeof setTimeout> | undefined
  readonly #parent: AbortSignal | undefined
  readonly #onParentAbort = (): void => this.#controller.abort(this.#parent?.reason)

  private constructor(name: string, ms: number, clock: Clock, parent?: AbortSignal, blamed = { name, ms }) {
    this.name = name
    this.clock = clock
    this.signal = this.#controller.signal
    this.#blamed = blamed
    this.#endsAt = clock.now() + ms
    this.#parent = parent
    if (parent?.aborted) this.#controller.abort(parent.reason)
    else parent?.addEventListener('abort', this.#onParentAbort, { once: true })
    // Timers hold at most 2^31-1 ms; a longer bound is in effect none.
    this.#timer = Number.isFinite(ms) ? setTimeout(() => this.#expire(), Math.min(Math.max(0, ms), 2_147_483_647)) : undefined
    this.#timer?.unref?.()
  }

  /** A bound of `ms` from now. `signal` is what the user's Ctrl-C aborts. */
  static start(name: string, ms: number, options: { clock?: Clock; signal?: AbortSignal } = {}): Deadline {
    return new Deadline(name, ms, options.clock ?? systemClock, options.signal)
  }

  /** A nearer bound inside this one: never later than this one's end. Dispose it when its work is done. */
  child(name: string, ms: number): Deadline {
    const left = this.remainingMs()
    return left < ms
      ? new Deadline(name, left, this.clock, this.signal, this.#blamed)
      : new Deadline(name, ms, this.clock, this.signal)
  }

  /** Milliseconds left; 0 when over. */
  remainingMs(): number { return Math.max(0, this.#endsAt - this.clock.now()) }

  /** Throws the reason when the bound is over or the user interrupted. */
  throwIfOver(): void {
    if (!this.signal.aborted && this.remainingMs() === 0) this.#expire()
    this.signal.throwIfAborted()
  }

  /** Waits `ms`, or less when the bound ends first (then throws its reason). */
  sleep(ms: number): Promise<void> { return this.clock.sleep(ms, this.signal) }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#parent?.removeEventListener('abort', this.#onParentAbort)
  }

  #expire(): void {
    this.#controller.abort(HOP_DEADLINE_EXCEEDED(this.#blamed))
  }
}

/** Whether `thrown` is the end of a bound or an interruption rather than a failure of the work itself. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof HopError && (thrown.code === 'HOP_DEADLINE_EXCEEDED' || thrown.code === 'HOP_INTERRUPTED')
}
