import { expect, test } from 'vitest'
import { phase, type ProgressEvent } from './progress.ts'

test('a phase tells its start, its end and whether it worked', async () => {
  const events: ProgressEvent[] = []
  expect(await phase((event) => events.push(event), 'nodes', async () => 7, 30_000)).toBe(7)
  await expect(phase((event) => events.push(event), 'cni', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(events).toEqual([
    { type: 'phase-start', phase: 'nodes', expectedMs: 30_000 },
    { type: 'phase-end', phase: 'nodes', ok: true, durationMs: expect.any(Number) },
    { type: 'phase-start', phase: 'cni' },
    { type: 'phase-end', phase: 'cni', ok: false, durationMs: expect.any(Number) },
  ])
})
