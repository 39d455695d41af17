import { Deadline, HOP_INTERRUPTED } from '@hoplab/core'
import { expect, test } from 'vitest'
import { together } from './together.ts'

test('gives every result in order', async () => {
  using deadline = Deadline.start('all', 280_000)
  expect(await together(deadline, async () => 1, async () => 'two')).toEqual([1, 'two'])
})

test('the first failure stops the others, and is thrown only after they have ended', async () => {
  using deadline = Deadline.start('all', 280_000)
  const ended: string[] = []
  const slow = async (bound: Deadline): Promise<void> => {
    try { await bound.sleep(5_000) } finally { ended.push('slow') }
  }
  const failure = new TypeError('first')
  await expect(together(deadline, slow, async () => { throw failure })).rejects.toBe(failure)
  expect(ended).toEqual(['slow'])
})

test('an interruption reaches all of them', async () => {
  const user = new AbortController()
  using deadline = Deadline.start('all', 280_000, { signal: user.signal })
  const waiting = together(deadline, (bound) => bound.sleep(5_000), (bound) => bound.sleep(5_000))
  const reason = HOP_INTERRUPTED()
  user.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})
