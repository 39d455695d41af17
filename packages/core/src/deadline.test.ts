import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Deadline, HOP_INTERRUPTED, isAbort } from './deadline.ts'
import { HopError } from './errors.ts'
import { FakeClock } from './testing/index.ts'

const thrownBy = (work: () => void): HopError => {
  try { work() } catch (error) { if (error instanceof HopError) return error }
  throw new Error('nothing was thrown')
}

describe('Deadline', () => {
  test('counts down on its clock and ends at zero', () => {
    const clock = new FakeClock()
    using deadline = Deadline.start('build', 5_000, { clock })
    clock.advance(2_000)
    expect(deadline.remainingMs()).toBe(3_000)
    deadline.throwIfOver()
    clock.advance(9_000)
    expect(deadline.remainingMs()).toBe(0)
    expect(thrownBy(() => deadline.throwIfOver()).message).toBe('"build" did not finish within 5 s.')
    expect(deadline.signal.aborted).toBe(true)
  })
  test('aborts its signal by itself when time is up', async () => {
    using deadline = Deadline.start('short', 20)
    await wait(60)
    expect(deadline.signal.reason).toMatchObject({ code: 'HOP_DEADLINE_EXCEEDED', exitCode: 3 })
  })
  test('a child ends no later than its parent, and then names the parent', () => {
    const clock = new FakeClock()
    using parent = Deadline.start('up', 10_000, { clock })
    clock.advance(4_000)
    using child = parent.child('install', 60_000)
    expect(child.remainingMs()).toBe(6_000)
    clock.advance(6_000)
    expect(thrownBy(() => child.throwIfOver()).message).toBe('"up" did not finish within 10 s.')
  })
  test('a nearer child names itself and leaves its parent running', () => {
    const clock = new FakeClock()
    using parent = Deadline.start('up', 10_000, { clock })
    using child = parent.child('install', 1_000)
    clock.advance(1_000)
    expect(thrownBy(() => child.throwIfOver()).message).toBe('"install" did not finish within 1 s.')
    parent.throwIfOver()
  })
  test('an interruption reaches children with its reason, whenever they were made', () => {
    const user = new AbortController()
    using parent = Deadline.start('up', Infinity, { signal: user.signal })
    using before = parent.child('before', 1_000)
    user.abort(HOP_INTERRUPTED())
    using after = parent.child('after', 1_000)
    for (const deadline of [parent, before, after]) expect(thrownBy(() => deadline.throwIfOver()).exitCode).toBe(130)
  })
  test('after disposal neither time nor parent touch it', async () => {
    const user = new AbortController()
    const deadline = Deadline.start('done', 10, { signal: user.signal })
    deadline[Symbol.dispose]()
    user.abort(HOP_INTERRUPTED())
    await wait(40)
    expect(deadline.signal.aborted).toBe(false)
  })
  test('sleep ends early with the reason', async () => {
    const user = new AbortController()
    using deadline = Deadline.start('up', Infinity, { signal: user.signal })
    const sleeping = deadline.sleep(60_000)
    user.abort(HOP_INTERRUPTED())
    await expect(sleeping).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
  })
  test('isAbort tells an end of time from a failure', () => {
    expect(isAbort(HOP_INTERRUPTED())).toBe(true)
    expect(isAbort(new Error('HOP_INTERRUPTED'))).toBe(false)
  })
})
