import { Deadline, poll } from '@hoplab/core'
import type { CheckResult, Verdict } from '@hoplab/model'
import type { WrittenCheck } from '@hoplab/verify/testing'
import { expect, test } from 'vitest'
import type { LiveLab } from '../live-lab.ts'
import { faultOf, newAgent } from './network-faults.ts'

type Get = () => LiveLab
const client = { pod: { name: 'client' } }
const servers = { labels: { app: 'hello' } }
const far = { pod: { name: 'far' }, port: 8080 }

async function one(get: Get, check: WrittenCheck): Promise<CheckResult> {
  const [result] = (await get().verify([check])).results
  if (!result) throw new Error('no result')
  return result
}

/** What is shown of a network unlike Flannel's: every kind of check that looks at what a plugin makes, a trace, policies, and a way that is lost. */
export function otherNetwork(get: Get, { lost = lostWaySuite }: { lost?: (get: Get) => void } = {}): void {
  greenSuite(get)
  wireSuite(get)
  policySuite(get)
  lost(get)
}

/** In place of the lost route where Pods are neighbours of every node: no route leads to another node, but a link-layer address does. */
export function lostNeighbourSuite(get: Get): void {
  test('a wrong link-layer address for a Pod is named, and all is well when it is gone', async () => {
    const onWorker = (command: string): Promise<string> => get().onNode('worker-1', ['sh', '-ec', command])
    const address = await get().addressOf('far')
    await onWorker(`ip neigh replace ${address} lladdr 02:00:00:00:00:01 dev eth0 nud permanent`)
    try {
      expect(await one(get, { kind: 'route', nodes: ['worker-1'], to: { name: 'far' } })).toMatchObject({ verdict: 'fail', firstBrokenHop: expect.stringMatching(/^neighbour table on \S+-worker$/u) })
      expect(await one(get, { kind: 'reach', from: client, to: far, within: 8 })).toMatchObject({ verdict: 'fail' })
    } finally { await onWorker(`ip neigh del ${address} dev eth0`) }
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 20 })).toMatchObject({ verdict: 'pass' })
  })
}

/** Names of the checks are for people who read a failure. */
const healthy = (overlay: boolean): [string, WrittenCheck][] => [
  ['cni-plugin', { kind: 'cni-plugin' }], ['addresses', { kind: 'addresses', pods: { name: 'client' } }], ['route', { kind: 'route', to: servers }], ['sysctl', { kind: 'sysctl' }],
  ['mtu', { kind: 'mtu', from: client, to: { name: 'far' } }], ['kubelet', { kind: 'kubelet', pods: servers }], ['reach', { kind: 'reach', from: client, to: { service: 'hello', port: 80 }, count: 10 }],
  ['source of a Pod', { kind: 'source', from: client, to: far, expect: 'client-pod' }], ['source of a node', { kind: 'source', from: { node: 'worker-1' }, to: far, expect: 'client-node' }],
  ['a Service without endpoints', { kind: 'refused', from: client, to: { service: 'empty', port: 80 }, control: { from: client, to: far } }],
  ['wire', { kind: 'capture', from: client, to: far, expect: overlay ? 'overlay' : 'plain' }],
  ...(['pod-ip', 'cluster-ip', 'public'] as const).map((nobody): [string, WrittenCheck] => [`nobody at ${nobody}`, { kind: 'blocked', from: client, to: { nobody, port: 80 }, control: { from: client, to: far } }]),
]

function greenSuite(get: Get): void {
  test('every check of what the plugin makes is green on a healthy network', async () => {
    const asked = healthy(get().installer.capabilities.overlay !== undefined)
    const { results } = await get().verify(asked.map(([, check]) => check))
    expect(results.map(({ verdict, why }, index) => ({ check: asked[index]?.[0], verdict, why })).filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  })
}

function wireSuite(get: Get): void {
  test('the wire does not carry what the network says it does not', async () => {
    const { overlay } = get().installer.capabilities
    expect(await one(get, { kind: 'capture', from: client, to: far, expect: overlay ? 'plain' : 'overlay' })).toMatchObject({ verdict: 'fail' })
    expect((await one(get, { kind: 'capture', from: client, to: far, expect: 'overlay', requires: ['overlay'] })).verdict).toBe<Verdict>(overlay ? 'pass' : 'not-offered')
  })
  test('a trace sees the request at every place that this network has, and at no other', async () => {
    const { result } = await get().trace('client', 'pod/far:8080')
    // The cable's own device is seen before the bridge that it is a port of.
    const bridge = (node: string): string[] => (get().installer.capabilities.bridge === 'cni0' ? [`${node} bridge captured`] : [])
    const tunnel = (node: string): string[] => (get().installer.capabilities.overlay?.device !== undefined ? [`${node} tunnel captured`] : [])
    expect(result.outcome.class).toBe('OK')
    expect(result.hops.filter(({ direction, kind }) => direction === 'request' && kind !== 'conntrack').map(({ where, kind, seen }) => `${where} ${kind} ${seen}`)).toEqual([
      'Pod live/client client captured', 'worker-1 veth captured', ...bridge('worker-1'), ...tunnel('worker-1'), 'worker-1 uplink captured',
      'worker-2 uplink captured', ...tunnel('worker-2'), ...bridge('worker-2'), 'worker-2 veth captured', 'Pod live/far server captured',
    ])
  })
}

function policySuite(get: Get): void {
  test('a policy that denies everything stops what was answered where policies are enforced, and nothing where they are not', async () => {
    const { networkPolicy } = get().installer.capabilities
    const blocked = { kind: 'blocked', from: client, to: far, within: 10, control: { from: client, to: { service: 'hello', port: 80, via: 'cluster-ip' } } }
    const reached = { kind: 'reach', from: client, to: far, count: 3 }
    await get().put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny-far' }, spec: { podSelector: { matchLabels: { app: 'far' } }, policyTypes: ['Ingress'] } })
    try {
      expect(await one(get, blocked)).toMatchObject({ verdict: networkPolicy ? 'pass' : 'fail' })
      expect(await one(get, { ...reached, within: 5 })).toMatchObject({ verdict: networkPolicy ? 'fail' : 'pass' })
      expect((await one(get, { ...blocked, requires: ['network-policy'] })).verdict).toBe<Verdict>(networkPolicy ? 'pass' : 'not-offered')
    } finally { await get().remove('NetworkPolicy', 'deny-far', 'networking.k8s.io/v1') }
    expect(await one(get, { ...reached, within: 20 })).toMatchObject({ verdict: 'pass' })
  })
}

function lostWaySuite(get: Get): void {
  test('a lost way to another node is named, stays lost, and all is well when it is back', async () => {
    // Where programs carry frames, no route of the node leads to Pods of another.
    await (get().installer.capabilities.overlay?.kind === 'udp' ? lostTunnel(get) : lostRoute(get))
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 20 })).toMatchObject({ verdict: 'pass' })
  })
}

async function lostTunnel(get: Get): Promise<void> {
  const rule = (command: string): Promise<string> => get().onNode('worker-2', ['iptables', '-w', command, 'INPUT', '-p', 'udp', '--dport', String(get().installer.capabilities.overlay?.port), '-j', 'DROP'])
  await rule('-I')
  try {
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 8 })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'tunnel worker-1 → worker-2' })
    // Pods of all nodes are on one Ethernet: who knows no hardware address of the other has to ask through the tunnel, and sends nothing until it is told.
    await get().onNode('worker-1', ['sh', '-ec', 'sandboxes=$(pgrep -x pause); for sandbox in $sandboxes; do nsenter -t "$sandbox" -n ip neighbour flush all; done'])
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 8 })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'tunnel worker-1 → worker-2' })
  } finally { await rule('-D') }
}

async function lostRoute(get: Get): Promise<void> {
  const onWorker = (command: string): Promise<string> => get().onNode('worker-1', ['sh', '-ec', command])
  const lost = await routesThrough(get)
  for (const route of lost) await onWorker(`ip route del ${route.split(' ')[0]}`)
  try {
    expect(await one(get, { kind: 'route', nodes: ['worker-1'], to: { name: 'far' } })).toMatchObject({ verdict: 'fail', firstBrokenHop: expect.stringMatching(/^route on \S+-worker$/u) })
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 8 })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'route to worker-2 on worker-1' })
  } finally { for (const route of lost) await onWorker(`ip route replace ${route}`) }
}

/** In place of the lost route where the agent looks after its routes by the clock: flanneld of host-gw does so every ten seconds. */
export function routePutBackSuite(get: Get): void {
  test('a lost way to another node is put back by the agent, and all is well', async () => {
    const [lost = ''] = await routesThrough(get)
    const route = lost.split(' ')[0] ?? ''
    const left = await get().onNode('worker-1', ['sh', '-ec', `ip route del ${route}; ip route show ${route}`])
    expect(left).toBe('')
    using deadline = Deadline.start('a route that comes back', 25_000)
    const { last } = await poll(() => get().onNode('worker-1', ['ip', 'route', 'show', route]), { deadline, everyMs: 500, until: (shown) => shown !== '' })
    expect(last.trim()).toBe(lost.trim())
    expect(await one(get, { kind: 'reach', from: client, to: far, within: 20 })).toMatchObject({ verdict: 'pass' })
  })
}

/** Routes of worker-1 by which it reaches the Pod `far`, as `ip route` prints them. */
async function routesThrough(get: Get): Promise<string[]> {
  const [via = ''] = /via \S+/u.exec(await get().onNode('worker-1', ['ip', 'route', 'get', await get().addressOf('far')])) ?? []
  const found = (await get().onNode('worker-1', ['ip', 'route', 'show'])).split('\n').filter((route) => route.includes(`${via} `) && !route.startsWith('default'))
  expect(found).not.toEqual([])
  return found
}

/** Of Weave; the last one of its cluster, which loses its addresses. */
export function lostQuorum(get: Get): void {
  test('peers that have to agree on who owns which addresses, and cannot reach each other, say so; the cluster is not ready', async () => {
    const { installer, cluster } = get()
    // First all are cut off, then all forget: a peer that begins anew while another can be reached is told everything by it. New Pods, because a kubelet
    // sends some 25 events of one Pod and few more after that, and those of this suite's long-lived ones are used up.
    const everyone = async (script: string, after = (_node: string): Promise<unknown> => Promise.resolve()): Promise<void> => {
      for (const { name } of cluster.nodes) { await get().onNode(name, ['sh', '-ec', script]); await after(name) }
    }
    await everyone('iptables -w -I INPUT -p tcp --dport 6783 -j DROP')
    await everyone('rm -f /proc/1/root/var/lib/weave/*', (node) => newAgent(get(), node))
    using deadline = Deadline.start('lost quorum', 200_000)
    const lacking = cluster.nodes.map(({ name }) => `weave-net on ${name} is not ready: 0 of 2 peers are connected; addresses: awaiting consensus (quorum: 2, known: 1)`)
    const isSaid = (reasons: readonly string[]): boolean => lacking.every((reason) => reasons.includes(reason))
    const { last } = await poll(() => installer.pending({ kube: cluster.kube, nodeCount: cluster.nodes.length }, deadline), { deadline, withinMs: 80_000, until: isSaid })
    expect(last).toEqual(expect.arrayContaining(lacking))
    expect((await cluster.health(deadline)).ok).toBe(false)
    expect(await faultOf(get(), 'HOP_CNI_NO_QUORUM')).toMatchObject({ exitCode: 3, why: expect.stringContaining('awaiting consensus (quorum: 2, known: 1)'), fix: expect.stringContaining('TCP and UDP 6783') })
  })
}
