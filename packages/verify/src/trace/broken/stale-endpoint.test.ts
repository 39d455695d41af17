import type { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { replay } from '../../../test/recorded-trace.ts'
import type { EndpointSlice } from '../../scene/kube-shapes.ts'
import { tell } from '../trace.ts'
import { type Seen, watchRequests } from '../window.ts'
import { brokenHopOf } from './broken-hop.ts'

const proxySays = (code: string): string => `forward ${btoa('1')}\nroute ${btoa('10.96.4.82 via 172.28.0.1 dev eth0')}\nneighbours \nfdb \nproxy ${btoa(code)}\nend x`

/** A recorded request to a Service that nobody answered, whose Pod has been replaced: its slice lists `now`, its rules still lead to 10.244.1.7. */
async function afterReplacement(now: { ip: string; later?: string }, change: (seen: Seen) => Seen = (seen) => seen) {
  const { round, asked, identity } = replay('far', (stdout) => (stdout === '' ? proxySays('000') : stdout))
  const seen = change(unanswered(await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity })))
  const slices = round.snapshot.slices.map((slice) => listing(slice, now.ip))
  Object.assign(round.snapshot, { slices, pods: round.snapshot.pods.filter(({ status }) => status?.podIP !== '10.244.1.7') })
  for (const slice of slices) (round.view.kube as FakeKube).put(now.later === undefined ? slice : listing(slice, now.later))
  const goal = { ...asked.goal, endpoints: [{ ip: now.ip, port: 8_080, node: 'hoplab-dev-worker2', pod: 'hello-c' }] }
  const [attempt] = seen.attempts
  if (!attempt) throw new Error('no attempt was recorded')
  const told = tell(round, { ...asked, goal }, seen, attempt)
  expect(told).toMatchObject({ class: 'TIMEOUT', endpoint: '10.244.1.7:8080' })
  return brokenHopOf(round, { ...asked, goal }, told, seen)
}

const listing = (slice: EndpointSlice, ip: string): EndpointSlice => ({ ...slice, endpoints: (slice.endpoints ?? []).map((one) => ({ ...one, addresses: [ip] })) })

/** Whoever had the address is gone, and nothing comes back. */
const unanswered = (seen: Seen): Seen => ({
  ...seen, attempts: seen.attempts.map((attempt) => ({ ...attempt, status: 0, exitCode: 28 })),
  captures: seen.captures.map((capture) => ({ ...capture, packets: capture.packets.filter(({ packet }) => (packet.inside?.packet ?? packet).tcp?.from !== '10.244.1.7:8080' && !(packet.tcp?.from.startsWith('10.96.') ?? false)) })),
})

describe('rules that still lead to a Pod that was replaced', () => {
  test('name kube-proxy with where they lead and what the slices say, not the client', async () => {
    expect(await afterReplacement({ ip: '10.244.1.9' })).toMatchObject({
      hop: 'kube-proxy on worker-1',
      decidedBy: "on worker-1 kube-proxy's rules lead to 10.244.1.7:8080, which is no endpoint of Service tr/far:80: its slices say 10.244.1.9:8080; kube-proxy does not answer its health port",
    })
  })
  test('also where the packet never left the client\'s node', async () => {
    const onlyAtClient = (seen: Seen): Seen => ({ ...seen, captures: seen.captures.map((capture) => ({ ...capture, packets: capture.packets.filter(({ link, packet }) => packet.src === '127.0.0.1' || capture.place !== 'node' || link === 10 || link === 3) })) })
    expect(await afterReplacement({ ip: '10.244.2.9' }, onlyAtClient)).toMatchObject({ hop: 'kube-proxy on worker-1' })
  })
  test('are not blamed where the slices came to list that Pod while the request was on its way', async () => {
    expect((await afterReplacement({ ip: '10.244.1.9', later: '10.244.1.7' }))?.hop).not.toBe('kube-proxy on worker-1')
  })
})
