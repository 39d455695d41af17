import { describe, expect, test } from 'vitest'
import { Deadline, HOP_INTERRUPTED } from './deadline.ts'
import { poll } from './poll.ts'
import { FakeClock } from './testing/index.ts'

/** Looks that give these values one after the other, then the last one for ever. */
const script = <T>(...values: T[]): (() => Promise<T>) => {
  let next = 0
  return async () => values[Math.min(next++, values.length - 1)] as T
}
const good = (value: string): boolean => value === 'good'

describe('poll', () => {
  test('the first good look ends it', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    const result = await poll(script('bad', 'bad', 'good'), { deadline, until: good })
    expect(result).toMatchObject({ ok: true, flapped: false, last: 'good' })
    expect(result.attempts.map((attempt) => attempt.ok)).toEqual([false, false, true])
  })
  test('pauses grow by half up to their limit', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    const { attempts } = await poll(script('bad'), { deadline, until: good, everyMs: 100, maxEveryMs: 200, withinMs: 600 })
    expect(attempts.map((attempt) => attempt.atMs)).toEqual([0, 100, 250, 450, 600])
  })
  test('running out of time is an answer, with the last look taken at the end', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    const result = await poll(script('bad'), { deadline, until: good, withinMs: 5_000 })
    expect(result).toMatchObject({ ok: false, last: 'bad' })
    expect(result.attempts.at(-1)?.atMs).toBe(5_000)
  })
  test('a hopeless look ends it at once', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    const result = await poll(script('bad', 'never'), { deadline, until: good, hopeless: (value) => value === 'never' })
    expect(result.attempts).toHaveLength(2)
  })
  test('good must hold; a bad look in between starts the holding anew and is told', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    const result = await poll(script('good', 'bad', 'good'), { deadline, until: good, holdMs: 1_000, everyMs: 100 })
    expect(result).toMatchObject({ ok: true, flapped: true })
    const since = result.attempts.findLastIndex((attempt) => !attempt.ok) + 1
    expect((result.attempts.at(-1)?.atMs ?? 0) - (result.attempts[since]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000)
  })
  test('an interruption throws its reason, also between looks', async () => {
    const user = new AbortController()
    using deadline = Deadline.start('t', Infinity, { signal: user.signal })
    const polling = poll(script('bad'), { deadline, until: good, everyMs: 60_000 })
    setTimeout(() => user.abort(HOP_INTERRUPTED()), 5)
    await expect(polling).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
  })
  test('a look that throws ends it with that error', async () => {
    using deadline = Deadline.start('t', Infinity, { clock: new FakeClock() })
    await expect(poll(() => Promise.reject(new TypeError('broken')), { deadline, until: good })).rejects.toThrow('broken')
  })
  test('an expired deadline is thrown, not returned', async () => {
    const clock = new FakeClock()
    using deadline = Deadline.start('outer', 1_000, { clock })
    await expect(poll(script('bad'), { deadline, until: good, withinMs: 5_000 })).rejects.toMatchObject({ code: 'HOP_DEADLINE_EXCEEDED' })
  })
})
