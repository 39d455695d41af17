import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.service('datagrams', '10.96.1.5', { app: 'hello' }, 8080, 'UDP')
})
const look = async (over: object = {}) => (await lab.verify([{ kind: 'flow', from: client, to: { service: 'datagrams', port: 80 }, ...over }]))[0]
/** What the node of the client still knows of another client's flow. */
const remembered = (to: string, { port = 8_080, service = '10.96.1.5', protocol = 'udp' as 'tcp' | 'udp', node = 'a' } = {}) =>
  lab.network.record(node, protocol, { src: '10.244.1.77', sport: 4_444, dst: service, dport: 80 }, { src: to, sport: port, dst: '10.244.1.77', dport: 4_444 })

describe('flow passes', () => {
  test('when every datagram of one socket is answered by an endpoint', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: expect.stringMatching(/^10 of 10 datagrams, from one socket each of Pod lab\/client, to Service lab\/datagrams:80 were answered by lab\/hello-[ab], and no record on a leads/u) })
    expect(result?.evidence).toMatchObject([
      { witness: 'client', observed: expect.stringMatching(/^10 of 10 datagrams from 10\.244\.1\.10:\d+ answered$/u) }, { witness: 'server', observed: expect.stringMatching(/^answered by lab\/hello-[ab], asked from port \d+$/u) },
      { witness: 'conntrack', observed: '1 records of Service lab/datagrams:80, all to its endpoints' }, { witness: 'control' },
    ])
  })
  test('from a node, with as many as asked for', async () => {
    expect(await look({ from: { node: 'k' }, datagrams: 40, every: 0 })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('40 of 40 datagrams') })
  })
  test('beside records that lead to endpoints, of other Services, of TCP, and of other nodes', async () => {
    remembered('10.244.2.11')
    remembered('10.244.2.99', { service: '10.96.1.6' })
    remembered('10.244.2.99', { protocol: 'tcp' })
    remembered('10.244.2.99', { node: 'b' })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('while a Pod that ends still serves its flows', async () => {
    remembered('10.244.2.99')
    const slice = [...lab.kube.objects.values()].find(({ kind, metadata }) => kind === 'EndpointSlice' && metadata.name.startsWith('datagrams')) as { endpoints?: object[] } & Parameters<FakeLab['kube']['put']>[0]
    lab.kube.put({ ...slice, endpoints: [...slice.endpoints ?? [], { addresses: ['10.244.2.99'], nodeName: 'b', conditions: { ready: false, serving: true, terminating: true }, targetRef: { kind: 'Pod', name: 'hello-x' } }] })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('flow fails', () => {
  test('on a record that leads to a Pod that is gone, naming it, though every new flow is answered', async () => {
    remembered('10.244.2.99')
    expect(await look()).toMatchObject({
      verdict: 'fail', points: 0, firstBrokenHop: 'conntrack on a',
      why: 'The kernel of a remembers a flow of 10.244.1.77:4444 to Service lab/datagrams:80 that leads to 10.244.2.99:8080, which is no endpoint now (10.244.1.77:4444 → 10.96.1.5:80, replies 10.244.2.99:8080 → 10.244.1.77:4444).',
    })
  })
  test.each([
    ['to a port that is no endpoint\'s', () => remembered('10.244.2.11', { port: 9_999 }), /leads to 10\.244\.2\.11:9999, which is no endpoint now/u],
    ['to the Service itself, which no rule has sent on', () => remembered('10.96.1.5', { port: 80 }), /leads to nobody: no rule has sent it on/u],
  ])('on a record that leads %s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(why) })
  })
  test('when the flow breaks off in the middle', async () => {
    lab.network.weather.flow = (index) => (index >= 6 ? { class: 'REFUSED' } : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail', why: '4 of 10 datagrams from Pod lab/client to Service lab/datagrams:80 were not answered (REFUSED).' })
  })
  test('when a datagram is answered by another than the one the kernel sent it to', async () => {
    lab.network.weather.flow = (index) => (index === 3 ? { class: 'OK', body: { local: '10.244.2.99:8080' } } : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/the server says it is 10\.244\.2\.99, the kernel says 10\.244\.[12]\.11/u) })
  })
  test('when each packet comes from another port, so that no flow was held', async () => {
    lab.network.weather.flow = (index) => ({ class: 'OK', body: { remote: `10.244.1.10:${50_000 + index}` } })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('saw 10 source ports (50000, 50001, 50002, 50003, 50004)') })
  })
  test('when nothing answers', async () => {
    lab.network.weather.between = (_from, _to, protocol) => (protocol === 'udp' ? 'TIMEOUT' : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('10 of 10 datagrams') })
  })
  test('when the Service has no endpoint, no UDP port, or is not there', async () => {
    lab.service('datagrams', '10.96.1.5', { app: 'helo' }, 8080, 'UDP')
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'Service lab/datagrams:80', why: expect.stringContaining('the Service has no endpoint') })
    expect(await look({ to: { service: 'hello', port: 80 } })).toMatchObject({ verdict: 'fail', why: 'Service lab/hello:80 is no UDP port.' })
    expect(await look({ to: { service: 'bye', port: 80 } })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/bye.' })
  })
  test('as a dead path, not as a dead Service', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b' })
  })
})

test('flow is inconclusive when the records behind the answers are cut off', async () => {
  lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' ? { ...printed, stdout: printed.stdout.replace('records-end\n', '') } : printed)
  expect(await look()).toMatchObject({ verdict: 'inconclusive' })
})
