import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ingressAddon } from '@hoplab/cni/ingress'
import { internetAddon } from '@hoplab/cni/internet'
import { loadBalancerAddon } from '@hoplab/cni/load-balancer'
import { installedCniContract } from '@hoplab/cni/testing'
import type { CheckResult, TraceResult } from '@hoplab/model'
import { LiveLab } from './live-lab.ts'
import { behindIngress } from './suites/behind-ingress.ts'
import { brokenTools, goesOnBeside } from './suites/broken-tools.ts'
import { hostilePods } from './suites/hostile-pods.ts'
import { outOfBreath } from './suites/out-of-breath.ts'
import { rightAnswers } from './suites/right-answers.ts'
import { takenAway, toolboxDies } from './suites/taken-away.ts'
import { waysInAndOut } from './suites/ways-in-and-out.ts'

let lab: LiveLab
beforeAll(async () => { lab = await LiveLab.up({ addons: [internetAddon(), loadBalancerAddon(), ingressAddon()] }) })
afterAll(async () => { await lab?.[Symbol.asyncDispose]() })

installedCniContract('flannel', () => lab.asInstalled())

const client = { pod: { name: 'client' } }
const byName = { service: 'hello', port: 80 } as const
const byAddress = { ...byName, via: 'cluster-ip' } as const
const backends = { labels: { app: 'hello' } }
const checks = {
  dns: { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } },
  reach: { kind: 'reach', from: client, to: byName, count: 10 },
  distribution: { kind: 'distribution', from: client, to: byAddress, backends, backendCount: 2 },
  source: { kind: 'source', from: client, to: byAddress, expect: 'client-pod' },
  blocked: { kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 8080 }, control: { from: client, to: byAddress } },
  who: { kind: 'answer', key: 'who', truth: { answeredBy: { from: client, to: byAddress } } },
  whence: { kind: 'answer', key: 'whence', truth: { sourceSeen: { from: client, to: byAddress } } },
  object: { kind: 'object', object: { apiVersion: 'v1', kind: 'Service', name: 'hello' }, expect: [{ path: 'spec.ports[0].targetPort', equals: 8080 }] },
} as const
type Name = keyof typeof checks
const answers = { whence: { pod: { name: 'client' }, field: 'status.podIP' }, who: { pod: { labels: { app: 'hello' } }, field: 'metadata.name' } }

/** Looks at the named checks; those whose verdict is another, whole, so that a red test shows why. */
async function deviations(expected: Partial<Record<Name, string>>): Promise<CheckResult[]> {
  const { results } = await lab.verify((Object.keys(expected) as Name[]).map((name) => ({ ...checks[name], id: name }) as never), { answers })
  return results.filter(({ id, verdict }) => verdict !== expected[id as Name])
}
async function one(check: object) {
  const [result] = (await lab.verify([check as never], { answers })).results
  if (!result) throw new Error('no result')
  return result
}
const mend = () => lab.put(lab.service('hello', { app: 'hello' }, 8080))
const allGreen = Object.fromEntries(Object.keys(checks).map((name) => [name, 'pass']))

describe('a Service with a wrong selector and a wrong port', () => {
  test('is red wherever the Service matters, and only there', async () => {
    expect(await deviations({ dns: 'pass', reach: 'fail', distribution: 'fail', source: 'fail', blocked: 'fail', who: 'fail', whence: 'fail', object: 'fail' })).toEqual([])
  })
  test('with the right selector only, names the endpoints that refuse', async () => {
    await lab.put(lab.service('hello', { app: 'hello' }, 8081))
    expect(await one(checks.reach)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/refused \(its endpoints: 10\.244\.\d+\.\d+:8081, 10\.244\.\d+\.\d+:8081\)/u) })
  })
})

describe('once mended', () => {
  beforeAll(mend)
  test('everything is green, right after the change', async () => { expect(await deviations(allGreen)).toEqual([]) })
  test('server and kernel are named as two witnesses of the source', async () => {
    const { evidence } = await one(checks.source)
    expect(evidence).toContainEqual(expect.objectContaining({ witness: 'server', observed: expect.stringMatching(/^live\/hello-\S+ was asked from 10\.244\./u) }))
    expect(evidence).toContainEqual(expect.objectContaining({ witness: 'conntrack', observed: expect.stringMatching(/^on \S+: 10\.244\.\S+ → \S+, replies /u), command: expect.stringContaining('conntrack -L') }))
  })
  test.each(['cluster-ip', 'pod-ip', 'gateway', 'link-local', 'public'] as const)('nothing answers at an address of sort %s', async (nobody) => {
    expect(await one({ ...checks.blocked, to: { nobody, port: 80 } })).toMatchObject({ verdict: 'pass' })
  })
  test('a Pod that answers is not blocked', async () => {
    expect(await one({ ...checks.blocked, to: { pod: backends, port: 8080 } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('should be blocked') })
  })
  test('a port without a listener is not blocked either', async () => {
    expect(await one({ ...checks.blocked, to: { pod: backends, port: 9 } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('a refusal is not a block') })
  })
  test('a node reaches Pods with one of its own addresses', async () => {
    expect(await one({ kind: 'source', from: { node: 'worker-1' }, to: { pod: backends, port: 8080 }, expect: 'client-node' })).toMatchObject({ verdict: 'pass' })
  })
  test('an unknown name is denied, a known one beside it is not', async () => {
    expect(await one({ kind: 'dns', from: client, name: 'nothing-of-this-name', expect: { nxdomain: true } })).toMatchObject({ verdict: 'pass' })
  })
})

describe('near-misses and faults', () => {
  afterEach(mend)
  test('a client on the host\'s network reaches everything and still fails the source', async () => {
    await lab.put(lab.pod('guest', { hostNetwork: true, nodeName: lab.cluster.nodeName('worker-1') }, { app: 'guest' }, { command: ['sleep', 'infinity'] }))
    expect(await one({ ...checks.reach, from: { pod: { name: 'guest' } }, to: byAddress })).toMatchObject({ verdict: 'pass' })
    expect(await one({ ...checks.source, from: { pod: { name: 'guest' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('hostNetwork') })
    await lab.remove('Pod', 'guest')
  })
  test('a masquerade that is too wide leaves the reach green; server and kernel agree on the wrong source', async () => {
    const rule = ['POSTROUTING', '-s', '10.244.0.0/16', '-d', '10.244.0.0/16', '-j', 'MASQUERADE']
    await lab.onNodes(['iptables', '-w', '-t', 'nat', '-I', ...rule])
    try {
      expect(await deviations({ reach: 'pass', source: 'fail', whence: 'fail' })).toEqual([])
      expect((await one(checks.source)).why).toContain('server and kernel agree')
    } finally { await lab.onNodes(['iptables', '-w', '-t', 'nat', '-D', ...rule]) }
  })
  test('a lost overlay is a broken path between nodes, not an inconclusive run', async () => {
    const rule = ['INPUT', '-p', 'udp', '--dport', '8472', '-j', 'DROP']
    await lab.onNodes(['iptables', '-w', '-I', ...rule])
    try {
      expect(await one(checks.reach)).toMatchObject({ verdict: 'fail', firstBrokenHop: 'VXLAN worker-1 → worker-2' })
    } finally { await lab.onNodes(['iptables', '-w', '-D', ...rule]) }
  })
  test('a hand-made EndpointSlice to one of two Pods is not a distribution', async () => {
    const { results: [before] } = await lab.verify([checks.distribution])
    expect(before?.verdict).toBe('pass')
    await lab.remove('Service', 'hello')
    await lab.put(lab.service('hello', undefined), {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ port: 8080, protocol: 'TCP' }], endpoints: [{ addresses: [await lab.addressOf('hello')] }],
      metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'hello' } },
    })
    expect(await one(checks.distribution)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('answered none of 500') })
    await lab.remove('EndpointSlice', 'by-hand', 'discovery.k8s.io/v1')
    await lab.remove('Service', 'hello')
  })
  test('a server that lies about itself is found out by the kernel', async () => {
    const liar = String.raw`use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalPort => 8080, Listen => 50, ReuseAddr => 1); while (my $c = $l->accept) { my $n = ""; while (my $h = <$c>) { $n = $1 if $h =~ /nonce: (\S+)/i; last if $h =~ /^\r\n$/ } my $b = "{\"echo\":1,\"pod\":\"hello\",\"nonce\":\"$n\",\"remote\":\"6.6.6.6:1\",\"local\":\"10.244.1.99:8080\"}"; print $c "HTTP/1.1 200 OK\r\nContent-Length: " . length($b) . "\r\nConnection: close\r\n\r\n$b"; close $c }`
    await lab.put(lab.pod('liar', { nodeName: lab.cluster.nodeName('worker-2') }, { app: 'liar' }, { command: ['perl', '-e', liar] }), lab.service('liar', { app: 'liar' }))
    const to = { service: 'liar', port: 80 }
    expect(await one({ ...checks.reach, to })).toMatchObject({ verdict: 'pass' })
    // The lie about the source counts nothing; the kernel saw the client's own address.
    expect(await one({ ...checks.source, to })).toMatchObject({ verdict: 'pass' })
    expect(await one({ ...checks.who, truth: { answeredBy: { from: client, to } } })).toMatchObject({ verdict: 'fail' })
    await lab.remove('Pod', 'liar')
    await lab.remove('Service', 'liar')
  })
  test('CoreDNS gone is DNS, not the Service', async () => {
    await lab.scale('coredns', 0)
    expect(await deviations({ dns: 'fail', reach: 'fail', distribution: 'pass' })).toEqual([])
    expect(await one(checks.reach)).toMatchObject({ firstBrokenHop: 'DNS' })
    await lab.scale('coredns', 2)
    expect(await deviations({ dns: 'pass', reach: 'pass' })).toEqual([])
  })
  test('without kube-proxy on the client\'s node a new Service is red, and the result says what was waited for', async () => {
    await lab.kubeProxy('nowhere')
    try {
      await lab.put(lab.service('fresh', { app: 'hello' }))
      const result = await one({ ...checks.reach, to: { service: 'fresh', port: 80, via: 'cluster-ip' }, within: 4 })
      expect(result).toMatchObject({ verdict: 'fail' })
      expect(result.evidence).toContainEqual(expect.objectContaining({ witness: 'kube-proxy', observed: expect.stringContaining('kube-proxy on') }))
    } finally { await lab.kubeProxy(undefined) }
    expect(await one({ ...checks.reach, to: { service: 'fresh', port: 80, via: 'cluster-ip' }, within: 60 })).toMatchObject({ verdict: 'pass' })
    await lab.remove('Service', 'fresh')
  })
  test('eight changes back and forth are judged right each time, at once', async () => {
    for (let round = 0; round < 4; round += 1) {
      await lab.put(lab.service('hello', { app: 'helo' }, 8080))
      expect(await deviations({ reach: 'fail', distribution: 'fail' }), `red ${round}`).toEqual([])
      await mend()
      expect(await deviations({ reach: 'pass', distribution: 'pass' }), `green ${round}`).toEqual([])
    }
  })
})

describe('a trace', () => {
  const rule = ['FORWARD', '-p', 'tcp', '--dport', '8080', '-j', 'DROP']
  const far = { service: 'far', port: 80, via: 'cluster-ip' } as const
  beforeAll(async () => {
    await lab.put(lab.pod('far', { nodeName: lab.cluster.nodeName('worker-2') }), lab.service('far', { app: 'far' }))
    await lab.verify([{ ...checks.reach, to: far, within: 30 }])
  })
  afterAll(async () => { await lab.remove('Service', 'far'); await lab.remove('Pod', 'far') })
  const seenAt = ({ hops }: TraceResult): string[] => hops.filter(({ direction }) => direction === 'request').map(({ where, kind, seen }) => `${where} ${kind} ${seen}`)

  test('sees one request at every place on its way, before and after the Service rule, inside and outside the tunnel', async () => {
    const { result, pcap } = await lab.trace('client', 'service/far:80')
    expect(seenAt(result)).toEqual([
      'Pod live/client name told', 'Pod live/client client captured', 'worker-1 veth captured', 'worker-1 service tracked', 'worker-1 conntrack tracked', 'worker-1 bridge captured', 'worker-1 tunnel captured', 'worker-1 uplink captured',
      'worker-2 uplink captured', 'worker-2 tunnel captured', 'worker-2 bridge captured', 'worker-2 veth captured', 'Pod live/far server captured'])
    expect(result.captures.map(({ where, proven }) => `${where} ${proven}`).sort()).toEqual(['Pod live/client true', 'Pod live/far true', 'worker-1 true', 'worker-2 true'])
    expect(result.hops.find(({ kind }) => kind === 'service')?.after?.to).toBe(`${await lab.addressOf('far')}:8080`)
    expect(new TextDecoder('latin1').decode(pcap)).toContain(`X-Hoplab-Nonce: ${result.nonce}`)
  })
  test('of a request whose Service rule is deleted while it is watched does not show that rule, and names it', async () => {
    const nat = await lab.onNode('worker-1', ['iptables', '-w', '-t', 'nat', '-S'])
    const jump = nat.split('\n').find((line) => line.includes('"live/far -> ') && line.includes(' -j KUBE-SEP-')) ?? ''
    expect(jump).toMatch(/^-A KUBE-SVC-/u)
    try {
      const { result } = await lab.trace('client', 'service/far:80', async () => { await lab.onNode('worker-1', ['sh', '-c', `iptables -w -t nat ${jump.replace('-A', '-D')}`]) })
      expect(seenAt(result).filter((hop) => hop.includes('service'))).toEqual([])
      expect(seenAt(result)).toContain('worker-1 veth captured')
      expect(result.firstBroken).toMatchObject({ hop: 'rule of Service live/far:80 on worker-1', decidedBy: expect.stringContaining("leads to 0 of the Service's 1 endpoints") })
    } finally { await lab.onNode('worker-1', ['sh', '-c', `iptables -w -t nat ${jump}`]) }
    expect((await lab.trace('client', 'service/far:80')).result.outcome.class).toBe('OK')
  })
  test('is what a red check names its first broken hop from: the rule on the far node, not just the path', async () => {
    await lab.onNode('worker-2', ['iptables', '-w', '-I', ...rule])
    try {
      const { results: [result] } = await lab.verify([{ ...checks.reach, to: far }])
      expect(result).toMatchObject({ verdict: 'fail', firstBrokenHop: 'FORWARD on worker-2' })
      expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'trace', observed: expect.stringMatching(/^DROP in chain FORWARD .*counter \+\d+ on worker-2$/u), command: expect.stringContaining('toolbox/worker-2') }))
    } finally { await lab.onNode('worker-2', ['iptables', '-w', '-D', ...rule]) }
  })
})

waysInAndOut(() => lab)
behindIngress(() => lab)
rightAnswers(() => lab)
hostilePods(() => lab)
takenAway(() => lab)
brokenTools(() => lab)
goesOnBeside(() => lab)
outOfBreath(() => lab)

describe('the harness\'s own failures are inconclusive', () => {
  test('without control Pods', async () => {
    await lab.controlPods('nowhere')
    try {
      expect(await one({ ...checks.reach, within: 3 })).toMatchObject({ verdict: 'inconclusive', points: 0, why: expect.stringContaining('control Pod') })
    } finally { await lab.controlPods(undefined) }
    expect(await one({ ...checks.reach, within: 60 })).toMatchObject({ verdict: 'pass' })
  })
  toolboxDies(() => lab, 'worker-2')
  test('without a toolbox', async () => {
    await lab.killToolbox('worker-1')
    expect(await one(checks.reach)).toMatchObject({ verdict: 'inconclusive', points: 0, why: expect.stringContaining('toolbox') })
  })
})
