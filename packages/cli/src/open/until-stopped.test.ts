import { once } from 'node:events'
import { connect } from 'node:net'
import { Deadline, HOP_INTERRUPTED } from '@hoplab/core'
import { expect, test } from 'vitest'
import { openUntilStopped } from './until-stopped.ts'

async function knock(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const answer = await once(socket, 'connect').then(() => 'open', () => 'refused')
  socket.destroy()
  return answer
}

test('the port stays open until the command is stopped, and is closed when that is told', async () => {
  const user = new AbortController()
  using deadline = Deadline.start('open', 280_000, { signal: user.signal })
  const port = Promise.withResolvers<number>()
  // Nothing is asked through it: a client that leaves without a word begins no program.
  const open = openUntilStopped({ lab: 't', runId: 'r', port: 0, to: '198.51.100.8:80', tls: '198.51.100.8:443', lost: () => {} }, deadline, port.resolve)
  const ended = open.then(() => 'ended', (error: unknown) => (error as { code: string }).code)
  const at = await port.promise
  for (let round = 0; round < 3; round += 1) {
    expect(await knock(at)).toBe('open')
    await deadline.sleep(50)
  }
  user.abort(HOP_INTERRUPTED())
  expect(await ended).toBe('HOP_INTERRUPTED')
  expect(await knock(at)).toBe('refused')
})
