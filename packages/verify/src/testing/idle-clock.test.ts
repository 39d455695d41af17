import { expect, test } from 'vitest'
import { IdleClock } from './idle-clock.ts'

/** Keeps the process from everything else for `ms`, as a machine does that gives it no processor. */
function starve(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
/** A sleep of a minute, and whether it is over. */
function minute(clock: IdleClock): { over: boolean; end: Promise<void> } {
  const sleep = { over: false, end: Promise.resolve() }
  sleep.end = (async () => { await clock.sleep(60_000); sleep.over = true })()
  return sleep
}
const step = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 0) })

test('time does not pass while somebody has steps to do, however long each is kept waiting', async () => {
  const clock = new IdleClock()
  const sleep = minute(clock)
  for (let turn = 0; turn < 20; turn++) {
    starve(5)
    await step()
    expect(clock.now()).toBe(0)
  }
  starve(5)
  await step()
  expect(sleep.over).toBe(false)
  await sleep.end
  expect(clock.now()).toBe(60_000)
})
test('steps that do not ask for the time are waited for too', async () => {
  const clock = new IdleClock()
  const sleep = minute(clock)
  for (let turn = 0; turn < 3; turn++) { starve(20); await step() }
  expect(sleep.over).toBe(false)
  await sleep.end
})
test('an hour takes no time, and the nearest end comes first', async () => {
  const clock = new IdleClock()
  const ended: number[] = []
  await Promise.all([3_600_000, 1_000, 60_000].map(async (ms) => { await clock.sleep(ms); ended.push(clock.now()) }))
  expect(ended).toEqual([1_000, 60_000, 3_600_000])
})
test('a sleep that is aborted ends with its reason and holds back no other', async () => {
  const clock = new IdleClock()
  const user = new AbortController()
  const stopped = clock.sleep(1_000, user.signal)
  const other = clock.sleep(5_000)
  user.abort(new Error('enough'))
  await expect(stopped).rejects.toThrow('enough')
  await other
  expect(clock.now()).toBe(5_000)
})
