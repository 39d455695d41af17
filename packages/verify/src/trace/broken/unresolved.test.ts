import { describe, expect, test } from 'vitest'
import type { Round } from '../../round.ts'
import { helloLab } from '../../testing/index.ts'
import type { Capture } from '../node/captured.ts'
import { readRules, risen } from '../rules/iptables.ts'
import type { Party } from '../stages.ts'
import { brokenHopOf } from './broken-hop.ts'

const capture = (node: string, place: string, unresolved: string[] = []): Capture => ({ place, node, proven: true, packets: [], links: new Map(), unresolved })
const party = (position: string, address: string, nodeAddress: string, unresolved: string[] = []): Party => ({
  name: `Pod lab/${position}`, node: position, position, address, nodeAddress, own: capture(position, 'uid', unresolved), host: capture(position, 'node', unresolved),
})
const sleeve = { kind: 'udp', port: 6783, overhead: 62 } as const
const vxlan = { kind: 'vxlan', device: 'flannel.1', vni: 1, port: 8472, overhead: 50 } as const

interface Lost { unresolved: string[]; overlay?: typeof sleeve | typeof vxlan; on?: string; drop?: string }

/** Why a request from worker-1 to a Pod is lost of which no capture has a packet, by whom its kernel asked for in vain. */
async function why({ unresolved, overlay = sleeve, on = 'worker-2', drop }: Lost) {
  const [client, server] = [party('worker-1', '10.32.0.4', '172.20.0.3', unresolved), party(on, '10.32.0.9', '172.20.0.4')]
  const told = { class: 'TIMEOUT', client, server, endpoint: '10.32.0.9:8080', gap: { direction: 'request', proven: true, last: undefined, next: {} } }
  const asked = { goal: { name: 'Pod lab/far:8080', address: '10.32.0.9', port: 8080, endpoints: [] } }
  const rules = (count: number) => readRules(`*filter\n[${count}:60] -A INPUT ${drop} -j DROP\nCOMMIT`)
  const state = { rules: [], risen: drop === undefined ? [] : risen(rules(0), rules(3)), listing: '', strayed: 0 }
  const round = { view: { networkFacts: { ...helloLab().networkFacts, bridge: 'weave', overlay } } } as unknown as Round
  return brokenHopOf(round, asked as never, told as never, { nodes: new Map([['worker-2', state]]) } as never)
}

describe('a Pod whose kernel gets no answer about the hardware address of another', () => {
  test('of another node, where one Ethernet goes through a tunnel of programs: the tunnel is named, and whose question it was', async () => {
    expect(await why({ unresolved: ['10.32.0.9'] })).toEqual({
      inferred: true, hop: 'tunnel worker-1 → worker-2', command: 'hoplab shell toolbox/worker-2, then: ss -lunp sport = :6783',
      decidedBy: 'Pod lab/worker-1 asks which hardware address has 10.32.0.9 (ARP) and gets no answer, so it sends no packet there; on this network the question goes to worker-2 in the tunnel',
    })
  })
  test('and the rule that drops the tunnel there, with its counter', async () => {
    expect(await why({ unresolved: ['10.32.0.9'], drop: '-p udp -m udp --dport 6783' })).toMatchObject({ hop: 'tunnel worker-1 → worker-2', decidedBy: expect.stringMatching(/^DROP in chain INPUT .*, counter \+3 on worker-2$/u) })
  })
  test.each<[string, Lost]>([
    ['of somebody else', { unresolved: ['10.32.0.8'] }], ['of a Pod on the same node', { unresolved: ['10.32.0.9'], on: 'worker-1' }], ['where packets to another node are routed', { unresolved: ['10.32.0.9'], overlay: vxlan }],
  ])('%s: no tunnel is named for it', async (_what, lost) => {
    expect(await why(lost)).toMatchObject({ inferred: true, hop: 'network of Pod lab/worker-1' })
  })
})
