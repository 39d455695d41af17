import type { Deadline } from './deadline.ts'

/** What one look at the world said. */
export interface Attempt<T> {
  /** Milliseconds since polling began. */
  atMs: number
  ok: boolean
  value: T
}

/** Everything {@link poll} saw, newest last. */
export interface PollResult<T> {
  /** True when the last looks were good for at least `holdMs`. */
  ok: boolean
  /** True when a good look was followed by a bad one. */
  flapped: boolean
  last: T
  attempts: Attempt<T>[]
}

/** When to look again and when to stop. All in milliseconds. */
export interface PollOptions<T> {
  deadline: Deadline
  /** Whether a look is good. */
  until: (value: T) => boolean
  /** First pause; grows by half each time up to `maxEveryMs`. @default 200 */
  everyMs?: number
  /** @default 2_000 */
  maxEveryMs?: number
  /** How long looks must stay good before the answer is yes. @default 0 */
  holdMs?: number
  /** Give up after this long even if the deadline allows more. @default the deadline's remaining time */
  withinMs?: number
  /** A bad look that can never turn good ends polling at once. */
  hopeless?: (value: T) => boolean
}

/**
 * Looks until the answer has been good for `holdMs`, or time is up. Keeps every attempt.
 * Running out of `withinMs` is an answer (`ok: false`), not an error; an interrupted or expired deadline throws its reason.
 */
export async function poll<T>(look: () => Promise<T>, options: PollOptions<T>): Promise<PollResult<T>> {
  const { deadline, until, holdMs = 0, maxEveryMs = 2_000 } = options
  const start = deadline.clock.now()
  const withinMs = options.withinMs ?? Infinity
  const attempts: Attempt<T>[] = []
  let goodSince: number | undefined
  let flapped = false
  for (let pause = options.everyMs ?? 200; ; pause = Math.min(pause * 1.5, maxEveryMs)) {
    deadline.throwIfOver()
    const value = await look()
    const atMs = deadline.clock.now() - start
    const ok = until(value)
    attempts.push({ atMs, ok, value })
    if (ok) goodSince ??= atMs
    else if (goodSince !== undefined) { flapped = true; goodSince = undefined }
    if (ok && atMs - (goodSince ?? atMs) >= holdMs) return { ok: true, flapped, last: value, attempts }
    if (!ok && (options.hopeless?.(value) || atMs >= withinMs)) return { ok: false, flapped, last: value, attempts }
    const left = ok ? holdMs - (atMs - (goodSince ?? atMs)) : withinMs - atMs
    await deadline.sleep(Math.max(10, Math.min(pause, left)))
  }
}
