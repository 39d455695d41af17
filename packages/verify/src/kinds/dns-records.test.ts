import type { CheckResult } from '@hoplab/model'
import { beforeEach, describe, expect, test } from 'vitest'
import { client, dnsServers, type FakeLab, helloLab, peers, putDns, putPeers } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.ttl = 0
  putDns(lab)
  putPeers(lab)
})
const look = async (fields: object): Promise<CheckResult | undefined> => (await lab.verify([{ kind: 'dns', from: client, ...fields }]))[0]

/** Puts a Service of the lab's namespace. */
const service = (name: string, spec: object): void => { lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'lab' }, spec }) }

describe('SRV', () => {
  test('of a headless Service names each endpoint at the Pods\' port, by hostname or address', async () => {
    expect(await look({ expect: { srvOf: { service: 'peers', port: 'http' } } })).toMatchObject({ verdict: 'pass', why: expect.stringContaining(`10-244-2-11.${peers} port 8080, first.${peers} port 8080`) })
  })
  test('of a Service with ClusterIP names the Service at its own port; weights and case do not matter', async () => {
    service('two', { clusterIP: '10.96.1.2', ports: [{ name: 'http', port: 80, targetPort: 8080 }, { name: 'syslog', port: 514, protocol: 'UDP' }] })
    lab.records.set('SRV _syslog._udp.two.lab.svc.cluster.local.', [{ data: '7 3 514 Two.lab.svc.cluster.local.' }])
    expect(await look({ expect: { srvOf: { service: 'two', port: 'syslog' } } })).toMatchObject({ verdict: 'pass' })
    lab.records.set('SRV _syslog._udp.two.lab.svc.cluster.local.', [{ data: '0 100 80 two.lab.svc.cluster.local.' }])
    expect(await look({ expect: { srvOf: { service: 'two', port: 'syslog' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('port 80, not to two.lab.svc.cluster.local. port 514') })
  })
  test('of a headless Service whose Pods lack the named port is red and says so', async () => {
    const [key, slice] = [...lab.kube.objects].find(([, { metadata }]) => metadata.name === 'peers-abcde') ?? []
    lab.kube.objects.set(key ?? '', { ...slice, ports: [] } as never)
    expect(await look({ expect: { srvOf: { service: 'peers', port: 'http' } } })).toMatchObject({ verdict: 'fail', why: 'Service lab/peers is headless and has no ready endpoint with a port called http to name.' })
  })
  test('of a port that the Service has not is red and says which it has', async () => {
    expect(await look({ expect: { srvOf: { service: 'peers', port: 'grpc' } } })).toMatchObject({ verdict: 'fail', why: 'Service lab/peers has no port called grpc; it has http.' })
  })
})

describe('PTR', () => {
  beforeEach(() => { lab.records.set('PTR 1.1.96.10.in-addr.arpa.', [{ data: 'hello.lab.svc.cluster.local.' }]) })
  test('of a ClusterIP is the Service', async () => {
    expect(await look({ expect: { ptrOf: { service: 'hello' } } })).toMatchObject({ verdict: 'pass' })
    lab.records.set('PTR 1.1.96.10.in-addr.arpa.', [{ data: 'other.lab.svc.cluster.local.' }])
    expect(await look({ expect: { ptrOf: { service: 'hello' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('not to hello.lab.svc.cluster.local.') })
  })
  test('of a Pod may name every Service that lists it, and must name the one that gives it a hostname', async () => {
    const byAddress = { data: '10-244-1-11.hello.lab.svc.cluster.local.' }
    const ptr = { expect: { ptrOf: { pod: { name: 'hello-a' } } } }
    for (const records of [[{ data: `first.${peers}` }], [byAddress, { data: `first.${peers}` }]]) {
      lab.records.set('PTR 11.1.244.10.in-addr.arpa.', records)
      expect(await look(ptr)).toMatchObject({ verdict: 'pass' })
    }
    for (const records of [[byAddress], [{ data: `first.${peers}` }, { data: 'stranger.lab.svc.cluster.local.' }]]) {
      lab.records.set('PTR 11.1.244.10.in-addr.arpa.', records)
      expect(await look(ptr)).toMatchObject({ verdict: 'fail' })
    }
  })
  test('of a Pod that no Service lists is red', async () => {
    expect(await look({ expect: { ptrOf: { pod: { name: 'client' } } } })).toMatchObject({ verdict: 'fail', why: 'No Service lists Pod lab/client, so its address has no name.' })
  })
  test('of an address that nobody has must bring nothing', async () => {
    lab.wildcard.set('PTR', ['hello.lab.svc.cluster.local.'])
    expect(await look({ expect: { ptrOf: { service: 'hello' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('9.113.0.203.in-addr.arpa. resolves to hello.lab') })
  })
})

describe('CNAME', () => {
  const cname = { name: 'outside', expect: { cnameOf: { service: 'outside' } } }
  beforeEach(() => {
    service('outside', { type: 'ExternalName', externalName: 'Example.com' })
    lab.records.set('CNAME outside', [{ data: 'example.com.' }])
  })
  test('of an ExternalName is that name', async () => {
    expect(await look(cname)).toMatchObject({ verdict: 'pass' })
    lab.records.set('CNAME outside', [{ data: 'example.org.' }])
    expect(await look(cname)).toMatchObject({ verdict: 'fail' })
  })
  test('of another sort of Service is red', async () => {
    expect(await look({ expect: { cnameOf: { service: 'hello' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('is of type ClusterIP, not ExternalName') })
  })
})

describe('servers and transports', () => {
  const name = { name: 'peers', expect: { podIpsOf: { labels: { app: 'hello' } } } }
  test('each = the DNS Service and every DNS Pod, and the red names which one', async () => {
    expect(await look({ ...name, servers: 'each', transport: 'both' })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('of the DNS Service and each DNS Pod over UDP and TCP resolves to') })
    lab.servers.set(dnsServers.b, new Map([['kubernetes.default', ['10.96.0.1']], ['peers.lab', ['10.244.1.11']]]))
    expect(await look({ ...name, servers: 'each' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('at Pod kube-system/coredns-b resolves to 10.244.1.11, not to') })
    expect(await look({ ...name, servers: 'service' })).toMatchObject({ verdict: 'pass' })
  })
  test('a blocked transport is told from a wrong answer', async () => {
    lab.deafTo.add('tcp')
    expect(await look({ ...name, transport: 'both' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('over TCP does not resolve (TIMEOUT)'), firstBrokenHop: 'DNS' })
    expect(await look({ ...name, transport: 'udp' })).toMatchObject({ verdict: 'pass' })
  })
  test('a cut answer is red though what came of it is right', async () => {
    lab.truncated = true
    expect(await look({ ...name, transport: 'udp' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('is cut') })
    expect(await look({ ...name, transport: 'tcp' })).toMatchObject({ verdict: 'pass' })
  })
  test('a made-up name is a new one in every look', async () => {
    const asked = new Set<string>()
    for (let times = 0; times < 2; times += 1) asked.add((await look({ expect: { nxdomain: true } }))?.evidence.find(({ expected }) => expected.includes('nobody has'))?.command ?? '')
    expect([...asked].map((command) => /hoplab-[0-9a-f-]{36}\.lab\.svc/u.test(command))).toEqual([true, true])
  })
})
