import { describe, expect, test } from 'vitest'
import { replay } from '../../../test/recorded-trace.ts'
import type { Caught } from '../node/captured.ts'
import { tell } from '../trace.ts'
import { type Seen, watchRequests } from '../window.ts'
import { brokenHopOf } from './broken-hop.ts'

/** A recorded request to a Service, as if it had been refused by a reset that only the client's own network shows. */
async function refused(recording: string, change: (stdout: string) => string = (stdout) => stdout) {
  const { round, asked, identity } = replay(recording, change)
  const seen = withReset(await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity }))
  const [attempt] = seen.attempts
  if (!attempt) throw new Error('no attempt was recorded')
  const told = tell(round, asked, seen, attempt)
  expect(told).toMatchObject({ class: 'REFUSED', endpoint: '10.244.1.7:8080' })
  return brokenHopOf(round, asked, told, seen)
}

const withReset = (seen: Seen): Seen => ({
  ...seen, attempts: seen.attempts.map((attempt) => ({ ...attempt, status: 0, exitCode: 7 })),
  captures: seen.captures.map((capture) => ({ ...capture, packets: capture.packets.flatMap((caught) => (answers(caught) ? [] : asksService(caught) && capture.place !== 'node' ? [caught, reset(caught)] : [caught])) })),
})

const answers = ({ packet }: Caught): boolean => /^10\.(?:244\.1\.7|96\.4\.82):/u.test((packet.inside?.packet ?? packet).tcp?.from ?? '')
const asksService = ({ packet: { tcp } }: Caught): boolean => tcp?.syn === true && tcp.to === '10.96.4.82:80'

function reset(caught: Caught): Caught {
  const { packet } = caught
  if (!packet.tcp) throw new Error('no segment')
  const tcp = { ...packet.tcp, from: packet.tcp.to, to: packet.tcp.from, seq: 0, ack: packet.tcp.seq + 1, syn: false, acks: true, rst: true }
  return { ...caught, way: 'in', packet: { ...packet, src: packet.dst, dst: packet.src, tcp } }
}

describe('a reset', () => {
  test('after a request that arrived is the server\'s own: nothing listens there', async () => {
    expect(await refused('far')).toMatchObject({ hop: 'Service tr/far:80', decidedBy: expect.stringContaining('refuses port 8080: nothing listens on 10.244.1.7:8080') })
  })
  test('after one that did not arrive is a rule\'s on the way, which is named with its counter', async () => {
    const rejecting = (rules: string): string => rules.replaceAll('--dport 8080 -j DROP', '--dport 8080 -j REJECT --reject-with tcp-reset')
    const change = (stdout: string): string => stdout.replace(/^(before-rules|after-rules) (\S*)$/gmu, (_line, key: string, rules: string) => `${key} ${btoa(rejecting(atob(rules)))}`)
    expect(await refused('drop', change)).toMatchObject({ hop: 'FORWARD on worker-2', decidedBy: expect.stringMatching(/^REJECT in chain FORWARD of table filter .*, counter \+\d+ on worker-2$/u) })
  })
})
