import { describe, expect, test } from 'vitest'
import { replay } from '../../test/recorded-trace.ts'
import { watchRequests } from '../trace/window.ts'
import { wireView } from './wire.ts'

/** The nonce is known from the id under which the request was recorded. */
async function view(name: string, change: (stdout: string, node: string) => string = (stdout) => stdout) {
  let packets = ''
  const first = replay(name, (stdout) => { packets += (stdout.match(/^pcap \S+ \S*$/gmu) ?? []).map((line) => atob(line.split(' ')[2] ?? '')).join(''); return stdout })
  await watchRequests(first.round, first.asked, { attempts: 1, boundMs: 1_000, identity: first.identity })
  const id = /X-Hoplab-Nonce: trace-([0-9a-z]+)\.0/u.exec(packets)?.[1] ?? ''
  const { round, asked, identity } = replay(name, change)
  return wireView(round, asked, await watchRequests(round, asked, { attempts: 1, boundMs: 1_000, identity: { ...identity, id } }))
}

describe('packets of a real cluster', () => {
  test('between nodes: both uplinks carry them inside VXLAN 1 between the nodes, with the Pods\' addresses and the nonce', async () => {
    const { uplinks, passed, arrived } = await view('far')
    expect(uplinks.map(({ node, plain, nonce }) => ({ node, plain, nonce }))).toEqual([{ node: 'hoplab-dev-worker', plain: [], nonce: true }, { node: 'hoplab-dev-worker2', plain: [], nonce: true }])
    for (const { wrapped } of uplinks) {
      expect(wrapped.length).toBeGreaterThanOrEqual(4)
      expect(wrapped[0]).toMatchObject({ inner: { from: expect.stringMatching(/^10\.244\.2\.8:/u), to: '10.244.1.7:8080' }, outer: { from: expect.stringMatching(/^172\.28\.0\.5:/u), to: '172.28.0.3:8472', vni: 1 } })
    }
    expect(passed).toEqual(new Set(['client', 'client-veth', 'client-bridge', 'client-tunnel', 'client-uplink', 'server-uplink', 'server-tunnel', 'server-bridge', 'server-veth', 'server']))
    expect(arrived).toBe(true)
  })
  test('on one node: both cables carry them, and the uplink nothing', async () => {
    const { uplinks, passed, arrived } = await view('near')
    expect(uplinks).toEqual([{ node: 'hoplab-dev-worker', wrapped: [], plain: [], nonce: false }])
    expect([...passed]).toEqual(expect.arrayContaining(['client', 'client-veth', 'server-veth', 'server']))
    expect(arrived).toBe(true)
  })
  test.each([
    ['3 packets dropped by kernel', 'A capture on hoplab-dev-worker lost 3 packets in the kernel.'], ['tcpdump: killed', 'A capture on hoplab-dev-worker did not say how it ended.'],
  ])('a capture that ends with "%s" is not believed, and says so', async (said, why) => {
    await expect(view('near', (stdout) => stdout.replaceAll(/^said (\S+) \S*$/gmu, `said $1 ${btoa(said)}`))).rejects.toThrow(why)
  })
})
