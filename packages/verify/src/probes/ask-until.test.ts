import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { IdleClock } from '../testing/index.ts'
import { askUntil } from './ask-until.ts'

/** Begins of all questions in milliseconds, each of which takes `lasting`; the answer is yes from `readyAt` on. */
async function asked(lasting: number, readyAt: number): Promise<{ yes: boolean; begins: number[] }> {
  const clock = new IdleClock()
  using deadline = Deadline.start('ask', 60_000, { clock })
  const begins: number[] = []
  const yes = await askUntil(deadline, 5_000, async () => {
    begins.push(clock.now())
    const ready = clock.now() >= readyAt
    await deadline.sleep(lasting)
    return ready
  })
  return { yes, begins }
}

test('an answer that comes back after all the time is not the last word', async () => {
  expect(await asked(6_000, 1_000)).toEqual({ yes: true, begins: [0, 6_000] })
})
test('quick answers are asked for again until the time is over, and once then', async () => {
  const { yes, begins } = await asked(100, 60_000)
  expect(yes).toBe(false)
  expect(begins.at(-1)).toBeGreaterThanOrEqual(5_000)
  expect(begins.filter((at) => at >= 5_000)).toHaveLength(1)
  expect(begins.length).toBeGreaterThan(10)
})
test('a yes ends it', async () => {
  expect(await asked(100, 0)).toEqual({ yes: true, begins: [0] })
})
