import { expect, test } from 'vitest'
import { Gathering } from './gathering.ts'

const later = (steps: number, then: () => void): void => { if (steps === 0) then(); else queueMicrotask(() => later(steps - 1, then)) }

test('what comes in one moment is one group, what comes meanwhile the next', async () => {
  const groups: string[][] = []
  const gathering = new Gathering<string>(async (group) => {
    groups.push(group)
    await new Promise((resolve) => { setTimeout(resolve, 5) })
    if (groups.length === 1) for (const item of ['c', 'd']) gathering.add(item)
  })
  for (const item of ['a', 'b']) gathering.add(item)
  await gathering.ended()
  expect(groups).toEqual([['a', 'b'], ['c', 'd']])
})

test.each([0, 1, 2, 3, 4, 5, 6])('what comes %i steps after the end of a group is not forgotten', async (steps) => {
  const done: string[] = []
  const gathering = new Gathering<string>(async (group) => {
    await Promise.resolve()
    done.push(...group)
    if (group.includes('first')) later(steps, () => gathering.add('late'))
  })
  gathering.add('first')
  await new Promise((resolve) => { setTimeout(resolve, 5) })
  await gathering.ended()
  expect(done).toEqual(['first', 'late'])
})
