import type { ClusterSpec } from '@hoplab/cluster'
import type { CniInstaller } from '@hoplab/cni'
import { Deadline, HOP_INTERRUPTED, HopError } from '@hoplab/core'
import { type CniCapabilities, type CniName, matrixResult, type MatrixResult, type Verdict } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { HOP_NODE_UNREADABLE } from '../errors.ts'
import { type FakeCluster, FakeProvider, fakeInstaller, fakeTrace, fakeVerifier, type Judge, MemoryStore } from '../testing/index.ts'
import { questionsFor } from './questions.ts'
import { compareNetworks, type MatrixNetwork, type MatrixSpec } from './matrix.ts'

/** A provider whose Pods run at once, and whose nodes have the devices that the fake trace names. */
class RunningPods extends FakeProvider {
  readonly made: FakeCluster[] = []
  silentNodePort = false
  override async ensure(spec: ClusterSpec): Promise<FakeCluster> {
    const cluster = await super.ensure(spec)
    this.made.push(cluster)
    const { kube } = cluster
    const apply = kube.apply.bind(kube)
    let count = 0
    kube.apply = async (object, deadline) => apply(object.kind === 'Pod' ? { ...object, spec: { ...object.spec as object, nodeName: 'n-worker' }, status: { phase: 'Running', podIP: `10.244.1.${++count}`, conditions: [{ type: 'Ready', status: 'True' }] } } : object, deadline)
    kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n-worker' }, spec: { podCIDR: '10.244.1.0/24' }, status: { addresses: [{ type: 'InternalIP', address: worker.local }], nodeInfo: { kernelVersion: '6.1', containerRuntimeVersion: 'containerd://2.1' } } })
    cluster.onNode = (node, argv) => ({ exitCode: 0, stderr: '', stdout: this.silentNodePort && argv.join(' ').includes('curl') ? '' : printedBy(node, argv, kube.writes.some((write) => JSON.stringify(write).includes('deny-all'))) })
    return cluster
  }
}

/** Address of the fake worker. */
let worker = { local: '172.20.0.3', prefixlen: 16 }

/** What the fake nodes print: devices, a route, answers of two servers through a NodePort, and a chain more once a policy is there. */
function printedBy(node: string, argv: readonly string[], denied: boolean): string {
  const command = argv.join(' ')
  if (command.startsWith('ip -j')) return JSON.stringify([{ ifname: 'veth1', mtu: 1450 }, { ifname: 'flannel.1', mtu: 1450 }, { ifname: 'eth0', mtu: 1500, addr_info: [node === 'n-worker' ? worker : { local: '172.20.0.2', prefixlen: 16 }] }])
  if (command.includes('curl')) return ['one-a', 'two-a'].map((pod) => JSON.stringify({ echo: 1, pod, remote: '172.20.0.3:4000' })).join('\n')
  if (command.includes('-save')) return `*filter\n:INPUT ACCEPT [0:0]\n${denied ? ':cali-pi-abc - [0:0]\n' : ''}COMMIT\n`
  return '10.244.2.0/24 via 172.20.0.4 dev eth0 \n\n'
}

const network = (name: CniName, changes: Partial<CniCapabilities> = {}, rest: Partial<CniInstaller> = {}): MatrixNetwork =>
  ({ installer: { ...fakeInstaller, name, capabilities: { ...fakeInstaller.capabilities, ...changes }, ...rest }, proxyMode: 'iptables' })

/** Not offered where a policy is needed and nobody enforces one, as the real verifier says; else what `judge` says. */
const honest = (provider: RunningPods, judge: Judge = () => 'pass'): Judge => (check, ...rest) => {
  const enforced = policyNetworks.has(provider.made.at(-1)?.spec.cni ?? 'flannel')
  return check.spec.requires.includes('network-policy') && !enforced ? 'not-offered' : judge(check, ...rest)
}
const policyNetworks = new Set<CniName>(['calico'])

async function compared(networks: readonly MatrixNetwork[], options: { judge?: Judge; signal?: AbortSignal; silentNodePort?: boolean } & Partial<MatrixSpec> = {}): Promise<{ provider: RunningPods; store: MemoryStore; result: MatrixResult | HopError }> {
  const { judge, signal, silentNodePort = false, ...changes } = options
  const [provider, store] = [new RunningPods(), new MemoryStore()]
  provider.silentNodePort = silentNodePort
  using deadline = Deadline.start('matrix', 280_000, signal ? { signal } : {})
  const spec = { networks, provider, verifier: fakeVerifier(honest(provider, judge)), trace: fakeTrace(), images: {}, store, imageSource: 'local' as const, ...changes }
  return { provider, store, result: await compareNetworks(spec, deadline).catch((error: unknown) => { if (error instanceof HopError) return error; throw error }) }
}

function columnsOf(result: MatrixResult | HopError): MatrixResult['columns'] {
  if (result instanceof HopError) throw result
  return matrixResult.parse(result).columns
}

describe('networks side by side', () => {
  test('each is asked on a cluster of its own, which is gone before the next is made', async () => {
    const { provider, result } = await compared([network('routes'), network('flannel')])
    expect(columnsOf(result).map(({ cni, proxyMode, verdict }) => [cni, proxyMode, verdict])).toEqual([['routes', 'iptables', 'pass'], ['flannel', 'iptables', 'pass']])
    expect(provider.calls).toEqual(['ensure matrix', 'clean matrix', 'ensure matrix', 'clean matrix'])
    expect(provider.made.map(({ spec: { cni, workers } }) => [cni, workers])).toEqual([['routes', 2], ['flannel', 2]])
  })
  test('one with an option is a column of its own, which tells the option and the tunnel that nothing passes', async () => {
    const options = { flannel: { directRouting: true } }
    const { provider, result } = await compared([network('flannel'), network('flannel', { overlayBetweenSubnets: { kind: 'vxlan', device: 'flannel.1', overhead: 50 } }, { options })])
    expect(columnsOf(result).map(({ cni, cniOptions, findings }) => [cni, cniOptions, findings?.unusedTunnel])).toEqual([['flannel', undefined, undefined], ['flannel', options, 'flannel.1']])
    expect(provider.made.map(({ spec: { cniOptions } }) => cniOptions)).toEqual([undefined, 'directRouting=true'])
  })
  test('every network is asked the same questions, whose checks are all in the column', async () => {
    const { result } = await compared([network('routes'), network('calico', { networkPolicy: true, overlay: { kind: 'vxlan', overhead: 50 } })])
    const [plain, wrapped] = columnsOf(result)
    expect(plain?.answers.map(({ id }) => id)).toEqual(wrapped?.answers.map(({ id }) => id))
    for (const column of columnsOf(result)) expect(column.answers.flatMap(({ checks }) => checks)).toEqual(column.checks.map(({ id }) => id))
  })
  test('a policy is put only where it is enforced; elsewhere its questions are not offered and change no verdict', async () => {
    const { provider, result } = await compared([network('routes'), network('calico', { networkPolicy: true })])
    const policies = provider.made.map(({ kube }) => kube.writes.filter((write) => JSON.stringify(write).includes('NetworkPolicy')).length)
    expect(policies).toEqual([0, 2])
    const verdicts = columnsOf(result).map(({ answers }) => answers.filter(({ id }) => id.startsWith('policy-')).map(({ verdict }) => verdict))
    expect(verdicts).toEqual([['pass', 'not-offered', 'not-offered'], ['pass', 'pass', 'pass']])
    expect(columnsOf(result).map(({ verdict, findings }) => [verdict, findings?.policyChains])).toEqual([['pass', []], ['pass', ['cali-pi-abc']]])
  })
  test('the policy that denies is there when its question is asked, and the one that allows is not yet', async () => {
    const seen: Record<string, string[]> = {}
    const judge: Judge = async (check, kube): Promise<Verdict> => {
      const policies = await kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }, Deadline.start('list', 280_000))
      seen[check.step] = policies.map(({ metadata }) => metadata.name).sort()
      return 'pass'
    }
    await compared([network('calico', { networkPolicy: true })], { judge })
    expect(seen).toMatchObject({ 'policy-open': [], 'policy-deny': ['deny-all'], 'policy-allow': ['allow-one', 'deny-all'] })
  })
  test('one red check makes its question, its network and the whole red, with the reason of that check alone', async () => {
    const { result } = await compared([network('routes'), network('flannel')], { judge: (check) => (check.spec.id === 'other-node-2' ? 'fail' : 'pass') })
    expect(columnsOf(result)[0]?.answers.find(({ id }) => id === 'other-node')).toMatchObject({ verdict: 'fail', why: 'judged fail' })
    expect(result).toMatchObject({ verdict: 'fail' })
  })
})

describe('what goes wrong here', () => {
  test('a network whose nodes cannot be read keeps its column with the reason and its evidence; its cluster goes and the next is asked', async () => {
    const trace = fakeTrace((view) => { if (view.networkFacts.cni === 'routes') throw HOP_NODE_UNREADABLE({ node: 'n', command: 'ip', said: 'no' }) })
    const { provider, result } = await compared([network('routes'), network('flannel')], { trace })
    expect(columnsOf(result).map(({ verdict, error }) => [verdict, error?.code, error?.evidence])).toEqual([['inconclusive', 'HOP_NODE_UNREADABLE', '/evidence/1'], ['pass', undefined, undefined]])
    expect(columnsOf(result).map(({ answers, findings }) => [answers.length, findings === undefined])).toEqual([[questionsFor(fakeInstaller.capabilities).length, true], [questionsFor(fakeInstaller.capabilities).length, false]])
    expect(result).toMatchObject({ verdict: 'inconclusive' })
    expect(provider.clusters.size).toBe(0)
  })
  test('a broken network is red and not in doubt, also where nothing can be found on its nodes any more', async () => {
    const trace = fakeTrace(() => { throw HOP_NODE_UNREADABLE({ node: 'n', command: 'ip', said: 'no' }) })
    const { result } = await compared([network('routes')], { trace, judge: (check) => (check.spec.kind === 'reach' ? 'fail' : 'pass') })
    expect(columnsOf(result)[0]).toMatchObject({ verdict: 'fail', error: { code: 'HOP_NODE_UNREADABLE' } })
    expect(result).toMatchObject({ verdict: 'fail' })
  })
  test('a request through a NodePort that nobody answers is none that is told of', async () => {
    const { result } = await compared([network('routes')], { silentNodePort: true })
    expect(columnsOf(result)[0]).toMatchObject({ verdict: 'pass', findings: { nodePort: { sources: [] } } })
  })
  test('an interruption removes the cluster and asks no further network', async () => {
    const user = new AbortController()
    const judge: Judge = () => { user.abort(HOP_INTERRUPTED()); throw HOP_INTERRUPTED() }
    const { provider, result } = await compared([network('routes'), network('flannel')], { judge, signal: user.signal })
    expect(result).toMatchObject({ code: 'HOP_INTERRUPTED' })
    expect(provider.calls).toEqual(['ensure matrix', 'clean matrix'])
  })
  test('a network that cannot be installed here is refused before anything is made, though it is the last', async () => {
    const probe = async () => ({ ready: false as const, reasons: [{ what: 'No image.', fix: 'Build it.' }] })
    const { provider, result } = await compared([network('routes'), network('calico', {}, { probe })])
    expect(result).toMatchObject({ code: 'HOP_NETWORK_NOT_READY', exitCode: 3, facts: { what: 'calico cannot be installed here.', why: 'No image.', fix: 'Build it.' } })
    expect(provider.calls).toEqual([])
  })
  test('what a killed command left under the name is removed first', async () => {
    const provider = new RunningPods()
    await provider.ensure({ name: 'matrix' } as ClusterSpec)
    await compared([network('routes')], { provider })
    expect(provider.calls).toEqual(['ensure matrix', 'clean matrix', 'ensure matrix', 'clean matrix'])
  })
})

test('how it is done comes from the nodes: devices, wire, source, routes, ranges', async () => {
  const { result } = await compared([network('routes')])
  expect(columnsOf(result)[0]?.findings).toMatchObject({
    ways: [{ id: 'same-node' }, { id: 'other-node', wire: { inner: { from: '10.244.1.1:40000' } }, source: { address: '10.244.1.1', whose: "the client Pod's own" } }, { id: 'from-node', source: { whose: "the client's node, eth0" } }, { id: 'cluster-ip' }],
    nodePort: { from: 'control-plane', by: 'worker-1', sources: [{ server: 'on that node', whose: 'that node, eth0' }, { server: 'on another node', whose: 'that node, eth0' }] }, policyChains: [],
    mtu: { pod: 1450, uplink: 1500 }, routes: { node: 'worker-1', lines: ['10.244.2.0/24 via 172.20.0.4 dev eth0'] },
    addresses: [{ node: 'n-worker', range: '10.244.1.0/24', inRange: true }], kernel: '6.1', runtime: 'containerd://2.1',
  })
})

test('Pods that are in the network of their node\'s own address are told of, and it is theirs', async () => {
  const addresses = async (): Promise<unknown> => columnsOf((await compared([network('routes')])).result)[0]?.findings?.addresses[0]
  expect(await addresses()).not.toHaveProperty('network')
  worker = { local: '10.244.3.250', prefixlen: 22 }
  try { expect(await addresses()).toMatchObject({ network: '10.244.3.250/22' }) } finally { worker = { local: '172.20.0.3', prefixlen: 16 } }
})
