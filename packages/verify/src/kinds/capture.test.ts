import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.wire.works = true
})
const look = async (expected: string, server = 'hello-b') => (await lab.verify([{ kind: 'capture', from: { pod: { name: 'client' } }, to: { pod: { name: server }, port: 8080 }, expect: expected }]))[0]
const unwrapped = () => { lab.wire.tunnels.set('a', undefined).set('b', undefined) }

describe('capture passes', () => {
  test('when both uplinks carry the request inside the tunnel, with the Pods\' addresses and the nonce in it', async () => {
    const result = await look('overlay')
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'Pod lab/client asks Pod lab/hello-b: the uplinks carry it only inside the tunnel, with the Pods\' addresses in it.' })
    expect(result?.evidence.map(({ witness }) => witness)).toEqual(['client', 'cable', 'uplink', 'uplink', 'control', 'control'])
    expect(result?.evidence[2]?.observed).toMatch(/^a: 3 wrapped \(VXLAN 1, 172\.20\.0\.3:50000 → 172\.20\.0\.4:8472, inside 10\.244\.1\.10:\d+ → 10\.244\.2\.11:8080\), 0 plain, with the nonce$/u)
  })
  test('when both uplinks carry it among frames in UDP of a program, with what is beside it in the same packet', async () => {
    lab.networkFacts = { ...lab.networkFacts, cni: 'weave', bridge: 'weave', overlay: { kind: 'udp', port: 6783, overhead: 62 } }
    const result = await look('overlay')
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence[2]?.observed).toMatch(/^a: 3 wrapped \(frames in UDP, 172\.20\.0\.3:50000 → 172\.20\.0\.4:6783, inside 10\.244\.1\.10:\d+ → 10\.244\.2\.11:8080\), 0 plain, with the nonce$/u)
    unwrapped()
    expect(await look('overlay')).toMatchObject({ verdict: 'fail', why: expect.stringContaining('without any tunnel') })
  })
  test('when both uplinks carry it as it is', async () => {
    unwrapped()
    expect(await look('plain')).toMatchObject({ verdict: 'pass' })
  })
  test('when it is answered by a way of its own, though the control Pods\' is broken', async () => {
    unwrapped()
    lab.network.weather.brokenPaths.add('a>b')
    lab.network.weather.waysAside.add('client>hello-b')
    expect(await look('plain')).toMatchObject({ verdict: 'pass' })
  })
  test('when the uplink carries nothing, and a request between nodes at the same time is seen there', async () => {
    const result = await look('nothing', 'hello-a')
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('the uplink carries nothing of it') })
    expect(result?.evidence.map(({ observed }) => observed)).toContain('of a request to b at the same time (answered) the uplink carried 3 packets')
  })
  test('for pairs that are placed so, whatever the others are', async () => {
    expect((await lab.verify([{ kind: 'capture', from: { pod: { name: 'client' } }, to: { pod: { labels: { app: 'hello' } }, port: 8080 }, expect: 'overlay' }]))[0]).toMatchObject({ verdict: 'pass', why: expect.not.stringContaining('hello-a') })
  })
})

test.each([['encrypted', { kind: 'udp', port: 6783, overhead: 86, encrypted: true }], ['of a sort that is not read', { kind: 'ipip', device: 'tunl0', overhead: 20 }]] as const)('capture says nothing of a tunnel that is %s', async (_how, overlay) => {
  lab.networkFacts = { ...lab.networkFacts, overlay }
  expect(await look('overlay')).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('which is not read here') })
})

describe('capture fails', () => {
  test.each([
    ['a tunnel where none should be', 'plain', () => {}, /inside a tunnel/u],
    ['no tunnel', 'overlay', unwrapped, /uplink of a carried 3 packets between .* without any tunnel/u],
    ['a network that wraps nothing', 'overlay', () => { const { overlay: _, ...plain } = lab.networkFacts; lab.networkFacts = plain; unwrapped() }, /wraps no packets/u],
    ['a tunnel with other addresses inside', 'overlay', () => { lab.wire.source = '10.244.1.0' }, /is from 10\.244\.1\.0:\d+ to 10\.244\.2\.11:8080, not between the Pods' addresses 10\.244\.1\.10 and 10\.244\.2\.11/u],
    ['a tunnel of another number', 'overlay', () => { lab.wire.tunnels.set('a', { vni: 2, port: 8472 }) }, /is VXLAN 2 to UDP port 8472, not 1 to 8472/u],
    ['a tunnel to another port, in which nothing can be read', 'overlay', () => { lab.wire.tunnels.set('a', { vni: 1, port: 4789 }) }, /but the uplink of a carried no packet of it that can be read: nothing with their addresses inside UDP port 8472/u],
    ['a tunnel to another node', 'overlay', () => { lab.wire.tunnels.set('a', { vni: 1, port: 8472, to: '172.20.0.2' }) }, /goes from 172\.20\.0\.3:50000 to 172\.20\.0\.2:8472/u],
    ['packets of another request', 'overlay', () => { lab.wire.text = () => 'GET / HTTP/1.1\r\nX-Hoplab-Nonce: another\r\n\r\n' }, /nonce did not arrive/u],
    ['another Pod that answers', 'overlay', () => { lab.pod({ name: 'other', node: 'b', ip: '10.244.2.77' }); lab.wire.answeredBy = 'other' }, /10\.244\.2\.77:8080 answers: the address is translated/u],
    ['a server that refuses', 'overlay', () => { lab.network.weather.listening.set('hello-b', [9]) }, /gets no answer .* nothing for the wire to carry/u],
    ['a server on the same node', 'overlay', () => lab.pod({ name: 'hello-b', node: 'a', ip: '10.244.1.12' }), /No two of these Pods are on different nodes/u],
    ['a Pod on its node\'s network', 'overlay', () => lab.pod({ name: 'hello-b', node: 'b', ip: '172.20.0.4', hostNetwork: true }), /hostNetwork/u],
  ])('on %s', async (_name, expected, harm, why) => {
    harm()
    expect(await look(expected)).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when the uplink carries what stays on one node', async () => {
    lab.wire.detour = true
    expect(await look('nothing', 'hello-a')).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/both on a, its uplink carries 6 packets/u) })
  })
  test('when the two are on different nodes', async () => { expect(await look('nothing')).toMatchObject({ verdict: 'fail', why: expect.stringContaining('on one node') }) })
  test('when the path between the nodes is broken, and names it', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look('overlay')).toMatchObject({ verdict: 'fail', firstBrokenHop: 'VXLAN a → b' })
  })
  test('when no request between nodes can leave, for then nothing would be seen of any', async () => {
    lab.network.weather.brokenPaths.add('a>b').add('a>k')
    expect(await look('nothing', 'hello-a')).toMatchObject({ verdict: 'fail', why: expect.stringContaining('nothing passes the uplink of a') })
  })
})

describe('capture is inconclusive', () => {
  test.each([
    ['when a capture began too late', () => { lab.wire.capture.first = false }],
    ['when a capture ended too early', () => { lab.wire.capture.last = false }],
    ['when the kernel dropped packets', () => { lab.wire.capture.dropped = 1 }],
    ['when the uplink is not seen to carry what passes it', () => { lab.wire.blind = true }],
    ['without the control Pod of the node', async () => { await lab.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'control-a', namespace: 'hoplab-control' }, { throwIfOver: () => {} } as never) }],
    ['without any program that captures', () => { lab.wire.works = false }],
  ])('%s', async (_name, harm) => {
    await harm()
    expect(await look('nothing', 'hello-a')).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
  test('on a tunnel that is not read here', async () => {
    lab.networkFacts = { ...lab.networkFacts, overlay: { kind: 'ipip', device: 'tunl0', overhead: 20 } }
    expect(await look('overlay')).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('ipip') })
  })
})
