import { expect, test } from 'vitest'
import type { Round } from '../../round.ts'
import { helloLab } from '../../testing/index.ts'
import { readRules, risen } from '../rules/iptables.ts'
import type { Capture } from '../node/captured.ts'
import type { Party } from '../stages.ts'
import type { NodeState, Seen } from '../window.ts'
import { brokenHopOf } from './broken-hop.ts'
import { droppedBy, forwardingFault } from './forwarding.ts'
import { tunnelFault } from './tunnel.ts'

const party = (position: string, nodeAddress: string): Party => ({ name: `Pod lab/${position}`, node: position, position, address: '10.244.9.9', nodeAddress, own: undefined, host: undefined })
const [near, far] = [party('worker-1', '172.20.0.3'), party('worker-2', '172.20.0.4')]
const helloRound = { view: { networkFacts: helloLab().networkFacts } } as unknown as Round
const ends = { from: '10.244.1.10:40000', to: '10.244.2.11:8080' }

/** Rules in the order in which weave-npc puts them, with counters, as `iptables-save -c` tells them. */
const rules = (egress: number, last: number): string => `*filter
[0:0] -A INPUT -i weave -j WEAVE-NPC-EGRESS
[9:540] -A FORWARD -i weave -m comment --comment "NOTE: this must go before \\'-j KUBE-FORWARD\\'" -j WEAVE-NPC-EGRESS
[9:540] -A FORWARD -o weave -j WEAVE-NPC
[${last}:60] -A FORWARD -o weave -j DROP
[${egress}:60] -A WEAVE-NPC-EGRESS -m mark ! --mark 0x40000/0x40000 -j DROP
COMMIT`
function stateOf(egress: number, last: number): NodeState {
  const [before, after] = [readRules(rules(0, 0)), readRules(rules(egress, last))]
  return { rules: after, risen: risen(before, after), listing: '', strayed: 0 } as unknown as NodeState
}

test('where a chain is called from several built-in ones, the one is named that the packet passed', () => {
  const hop = (passed: 'FORWARD' | 'OUTPUT'): string | undefined => droppedBy({ at: near, state: stateOf(3, 0), ends, passed })?.hop
  expect(hop('FORWARD')).toBe('FORWARD on worker-1')
  // Neither leads there: the first that does.
  expect(hop('OUTPUT')).toBe('INPUT on worker-1')
})

test('a packet that a program took out of its tunnel and a rule dropped is not said to be lost in the tunnel', async () => {
  const facts = { ...helloLab().networkFacts, overlay: { kind: 'udp' as const, port: 6783, overhead: 62 } }
  const round = { view: { networkFacts: facts } } as Round
  const seen = (state: NodeState): Seen => ({ nodes: new Map([['worker-2', state]]) }) as unknown as Seen
  const hop = async (state: NodeState, left: boolean): Promise<string> => (await tunnelFault(round, seen(state), { from: near, to: far, left, inner: ends })).hop
  expect(await hop(stateOf(0, 2), true)).toBe('FORWARD on worker-2')
  expect(await hop(stateOf(0, 0), true)).toBe('tunnel worker-1 → worker-2')
  expect(await hop(stateOf(0, 2), false)).toBe('tunnel worker-1 → worker-2')
})

test('a Pod\'s packet that was caught nowhere on its node passed FORWARD there, a node\'s own did not', async () => {
  const capture = (place: string): Capture => ({ place, node: 'worker-1', proven: true, packets: [], links: new Map(), unresolved: [] })
  const host = capture('node')
  const hop = async (own: Capture): Promise<string | undefined> => (await forwardingFault({} as Round, { at: near, from: { ...near, own, host }, towards: far, last: undefined, ends, state: stateOf(3, 0), answered: false }))?.hop
  expect(await hop(capture('uid'))).toBe('FORWARD on worker-1')
  expect(await hop(host)).toBe('INPUT on worker-1')
})

test('a server on its node\'s network that does not answer may be kept from it by a rule of the node', async () => {
  const listing = (count: number, rule: string): string => `*filter\n[${count}:60] -A ${rule} -j DROP\nCOMMIT`
  const hop = async (rule: string): Promise<string | undefined> => {
    const [before, after] = [readRules(listing(0, rule)), readRules(listing(3, rule))]
    const host: Capture = { place: 'node', node: 'worker-2', proven: true, packets: [], links: new Map(), unresolved: [] }
    const server = { ...far, own: host, host }
    const told = { class: 'TIMEOUT', client: near, server, endpoint: '172.20.0.4:10250', gap: { direction: 'reply', proven: true, last: undefined } }
    const asked = { goal: { name: 'node worker-2:10250', address: '172.20.0.4', port: 10_250, endpoints: [] } }
    const seen = { nodes: new Map([['worker-2', { rules: after, risen: risen(before, after), listing: '', strayed: 0 }]]) }
    return (await brokenHopOf(helloRound, asked as never, told as never, seen as never))?.hop
  }
  expect(await hop('INPUT -p tcp -m tcp --dport 10250')).toBe('INPUT on worker-2')
  expect(await hop('OUTPUT -p tcp -m tcp --sport 10250')).toBe('OUTPUT on worker-2')
  for (const rule of ['INPUT -p tcp -m tcp --dport 22', 'FORWARD']) expect(await hop(rule)).toBe('node worker-2:10250')
})

test('nor does it where the policy of INPUT drops what no rule accepts, which no counter tells', async () => {
  const host: Capture = { place: 'node', node: 'worker-2', proven: true, packets: [], links: new Map(), unresolved: [] }
  const told = { class: 'TIMEOUT', client: near, server: { ...far, own: host, host }, endpoint: '172.20.0.4:10250', gap: { direction: 'reply', proven: true, last: undefined } }
  const asked = { goal: { name: 'node worker-2:10250', address: '172.20.0.4', port: 10_250, endpoints: [] } }
  const fault = (listing: string) => brokenHopOf(helloRound, asked as never, told as never, { nodes: new Map([['worker-2', { rules: [], risen: [], listing, strayed: 0 }]]) } as never)
  expect(await fault('*filter\n:INPUT DROP [0:0]\nCOMMIT\n')).toMatchObject({ hop: 'INPUT on worker-2', inferred: true })
  expect(await fault('*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n')).toMatchObject({ hop: 'node worker-2:10250' })
})
