import { expect, test } from 'vitest'
import { encodeBatch, parseBatch } from './wire.ts'

const asked = { kind: 'http', from: { node: true }, target: '10.96.0.9:80', count: 4, parallel: 2, timeoutMs: 2_000 } as const

/** What the program prints when the probe's connections ended so. */
const printed = (request: Parameters<typeof encodeBatch>[0][number], ends: readonly string[]) => {
  const batch = encodeBatch([request])
  const connections = ends.map((end, index) => ({ class: end, nonce: `${batch.nonces[0]}.${index}` }))
  const line = { id: '0', nonce: batch.nonces[0], class: ends.find((end) => end !== 'OK') ?? 'OK', connections }
  return { batch, text: `${JSON.stringify(line)}\n${JSON.stringify({ end: batch.nonce, count: 1 })}\nrecords-end\n` }
}
const madeBy = (request: Parameters<typeof encodeBatch>[0][number], ends: readonly string[]): number | undefined => {
  const { batch, text } = printed(request, ends)
  return parseBatch(text, batch)[0]?.connections.length
}

test('a probe that may give up counts with fewer connections, when as many as were allowed had no answer', () => {
  expect(madeBy({ ...asked, giveUpAfter: 2 }, ['TIMEOUT', 'OK', 'TIMEOUT'])).toBe(3)
  expect(madeBy({ ...asked, giveUpAfter: 2 }, ['OK', 'OK', 'OK', 'OK'])).toBe(4)
})

test.each([
  ['that may not give up', asked, ['TIMEOUT', 'TIMEOUT', 'TIMEOUT']],
  ['with too few unanswered ones', { ...asked, giveUpAfter: 2 }, ['TIMEOUT', 'OK']],
  ['whose connections were refused', { ...asked, giveUpAfter: 2 }, ['REFUSED', 'REFUSED', 'REFUSED']],
  ['with more than were asked for', { ...asked, giveUpAfter: 2 }, ['TIMEOUT', 'TIMEOUT', 'OK', 'OK', 'OK']],
])('an output %s is not whole', (_what, request, ends) => {
  expect(() => madeBy(request, ends)).toThrow(/it made \d of 4 connections/u)
})
