import { readFileSync } from 'node:fs'
import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { traceResult, type TraceResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import type { LabView } from '../port.ts'
import { Round } from '../round.ts'
import type { Snapshot } from '../scene/snapshot.ts'
import { askedEnds } from './ends/resolve.ts'
import { followRequest, type Trace } from './request.ts'

/** What a real cluster's toolboxes printed during one trace. */
interface Recorded {
  own: number; namespace: string; from: string; to: string; nodes: LabView['nodes']; networkFacts: LabView['networkFacts']
  position: Record<string, string>; snapshot: Snapshot; outputs: Record<string, string[]>
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`../../test/recorded-traces/${name}.json`, import.meta.url), 'utf8')) as Recorded
}

/** Follows the recorded request again; `change` may take something away that was seen. */
async function follow(name: string, change: (stdout: string, node: string) => string = (stdout) => stdout): Promise<Trace> {
  const tape = recorded(name)
  const left = structuredClone(tape.outputs)
  const view: LabView = {
    kube: new FakeKube(), nodes: tape.nodes, networkFacts: tape.networkFacts, namespaces: [tape.namespace], trustedImages: [], nobody: () => Promise.resolve(''),
    nodeName: (position) => tape.position[position] ?? position,
    shell: (node) => ({ node, exec: (argv) => {
      const stdout = change(left[node]?.shift() ?? '', node).replace(/^end \S+$/mu, `end ${argv[4]}`)
      return Promise.resolve({ exitCode: 0, stdout, stderr: '', durationMs: 1 })
    } }),
  }
  using deadline = Deadline.start('test', 10_000)
  const round = new Round(view, tape.snapshot, { answers: {}, deadline, nobody: new Map() })
  return followRequest(round, askedEnds(round, tape.from, tape.to), { identity: { id: 'recorded', own: tape.own } })
}

const path = ({ hops }: TraceResult, direction: 'request' | 'reply'): string[] => hops.filter((hop) => hop.direction === direction).map(({ where, kind, seen }) => `${where} ${kind} ${seen}`)

describe('a request to a Service whose endpoint is on another node', () => {
  test('is followed from the client to the server and back, every hop with what was caught there', async () => {
    const { result } = await follow('far')
    expect(traceResult.parse(result)).toEqual(result)
    expect(path(result, 'request')).toEqual([
      'Pod tr/client client captured', 'worker-1 veth captured', 'worker-1 service tracked', 'worker-1 conntrack tracked', 'worker-1 bridge captured', 'worker-1 tunnel captured',
      'worker-1 uplink captured', 'worker-2 uplink captured', 'worker-2 tunnel captured', 'worker-2 bridge captured', 'worker-2 veth captured', 'Pod tr/hello-b server captured'])
    expect(path(result, 'reply').at(-1)).toBe('Pod tr/client client captured')
    expect(result).toMatchObject({ outcome: { class: 'OK', status: 200 }, from: { name: 'Pod tr/client', node: 'worker-1' } })
    expect(result.captures.every(({ proven }) => proven)).toBe(true)
    expect(result.firstBroken).toBeUndefined()
  })
  test('shows the addresses before and after the Service rule, its chains, and the tunnel\'s outside', async () => {
    const { result: { hops } } = await follow('far')
    const service = hops.find(({ kind }) => kind === 'service')
    expect(service?.before?.to).toBe('10.96.4.82:80')
    expect(service?.after?.to).toBe('10.244.1.7:8080')
    expect(service?.name).toMatch(/^KUBE-SVC-[A-Z0-9]+, then KUBE-SEP-[A-Z0-9]+$/u)
    expect(hops.find(({ kind }) => kind === 'uplink')?.outer).toMatchObject({ from: expect.stringMatching(/^172\.28\.0\.5:\d+$/u), to: '172.28.0.3:8472', vni: 1 })
  })
  test('without the packets of one node, the hops there are inferred and its capture proves nothing', async () => {
    const { result } = await follow('far', (stdout, node) => (node === 'hoplab-dev-worker2' ? stdout.replace(/^pcap node \S*$/mu, 'pcap node ') : stdout))
    expect(path(result, 'request').slice(-3)).toEqual(['worker-2 uplink inferred', 'worker-2 veth inferred', 'Pod tr/hello-b server captured'])
    expect(result.captures).toContainEqual({ where: 'worker-2', proven: false, packets: 0 })
  })
  test('without the kernel\'s record the Service rule is known from the packets alone', async () => {
    const { result } = await follow('far', (stdout) => stdout.replace(/^conntrack \S*$/mu, 'conntrack '))
    expect(path(result, 'request').filter((hop) => /service|conntrack/u.test(hop))).toEqual(['worker-1 service captured'])
  })
  test('a capture whose control packets are missing proves nothing', async () => {
    const { result } = await follow('far', (stdout) => stdout.replaceAll(/^said (\S+) \S*$/gmu, `said $1 ${btoa('3 packets dropped by kernel')}`))
    expect(result.captures.map(({ proven }) => proven)).toEqual([false, false, false, false])
  })
  test('cut or foreign output counts nothing', async () => {
    await expect(follow('far', (stdout) => stdout.replace(/^end .*$/mu, ''))).rejects.toThrow('its output has no end')
    await expect(follow('far', (stdout) => `who says this\n${stdout}`)).rejects.toThrow('it printed who says this')
  })
  test('its packets are one file whose interfaces are named after where they were caught', async () => {
    const { pcap } = await follow('far')
    const text = new TextDecoder('latin1').decode(pcap)
    expect([...pcap.subarray(0, 4)]).toEqual([0x0a, 0x0d, 0x0d, 0x0a])
    for (const place of ['worker-1 flannel.1', 'worker-2 cni0', 'worker-1 Pod tr/client eth0']) expect(text).toContain(place)
    // Caught on the node in the clear and inside the tunnel, on both nodes and in both Pods.
    expect(text.split('X-Hoplab-Nonce: trace-').length - 1).toBeGreaterThanOrEqual(8)
  })
})

test('between two Pods of one node the packet passes two cables and no bridge address, no tunnel', async () => {
  const { result } = await follow('near')
  expect(path(result, 'request')).toEqual([
    'Pod tr/client client captured', 'worker-1 veth captured', 'worker-1 conntrack tracked', 'worker-1 veth captured', 'Pod tr/hello-a server captured'])
  expect(result.hops.some(({ kind }) => kind === 'tunnel' || kind === 'uplink')).toBe(false)
})

test('a node\'s own request is masqueraded on its way to a Service', async () => {
  const { result } = await follow('node')
  expect(path(result, 'request').slice(0, 5)).toEqual(['worker-1 client tracked', 'worker-1 service tracked', 'worker-1 conntrack tracked', 'worker-1 masquerade tracked', 'worker-1 tunnel captured'])
  const masquerade = result.hops.find(({ kind }) => kind === 'masquerade')
  expect(masquerade?.before?.from).toMatch(/^172\.28\.0\.5:/u)
  expect(masquerade?.after?.from).toMatch(/^10\.244\.2\.0:/u)
})
