import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (check: object) => (await lab.verify([check as { kind: string }]))[0]
const egress = { kind: 'egress', from: client }
/** Loses requests of Pods by their number, before their node could note anything. */
const losing = (isLost: (number: number) => boolean): void => {
  const connect = lab.network.connect.bind(lab.network)
  let asked = 0
  lab.network.connect = (node, from, ...rest) => ('podUid' in from && rest[0].startsWith('198.51.100.') && isLost(asked++) ? { class: 'UNREACHABLE', local: '' } : connect(node, from, ...rest))
}

describe('egress', () => {
  test('passes with the node, the gateway and the host as witnesses of both addresses', async () => {
    const result = await look(egress)
    expect(result).toMatchObject({ verdict: 'pass', why: "Requests of Pod lab/client leave with an address of their node as far as the gateway, and with the gateway's 198.51.100.30 from there on." })
    expect(result?.evidence.map(({ witness, observed }) => `${witness}: ${observed}`)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^conntrack: on a: 10\.244\.1\.10:\d+ → 198\.51\.100\.2:8080, replies 198\.51\.100\.2:8080 → 172\.20\.0\.3:/u),
      expect.stringMatching(/^gateway: 172\.20\.0\.3:\d+ → 198\.51\.100\.2:8080, replies 198\.51\.100\.2:8080 → 198\.51\.100\.30:/u),
      expect.stringMatching(/^internet: was asked from 198\.51\.100\.30:/u), 'control: gateway → 198.51.100.2:8080 OK']))
  })
  test('names the node whose masquerading is missing', async () => {
    lab.network.weather.internet.nodesTranslate = false
    expect(await look(egress)).toMatchObject({ verdict: 'fail', firstBrokenHop: 'masquerade on a', why: expect.stringMatching(/its packets leave a with 10\.244\.1\.10, which no gateway knows/u) })
  })
  test('is red at once for one lost request of many, when no earlier one explains it', async () => {
    losing((number) => number % 4 === 1)
    expect(await look(egress)).toMatchObject({ verdict: 'fail', why: 'Pod lab/client gets no answer from the host on the internet (198.51.100.2:8080): UNREACHABLE.' })
  })
  describe('once masquerading is mended', () => {
    /** Leaves records of requests that nobody answered, said to be kept that long. */
    beforeEach(async () => {
      lab.network.weather.internet.keptSeconds = 1
      lab.network.weather.internet.nodesTranslate = false
      await look(egress)
      lab.network.weather.internet.nodesTranslate = true
    })
    test('a request from the port of an earlier one is lost as that was, which is no red while others are answered', async () => {
      lab.network.weather.ports = 20
      const result = await look({ ...egress, within: 5, hold: 0.5 })
      expect(result).toMatchObject({ verdict: 'pass' })
      expect(result?.looks).toContainEqual(expect.objectContaining({ state: 'red', why: expect.stringMatching(/to \d of 4 requests\. They may come from ports of earlier ones: what nobody answered, a sends on as before, for 1 s more\.$/u) }))
    })
    test('it is red when that goes on for longer than the records are kept', async () => {
      losing((number) => number % 4 === 1)
      const result = await look(egress)
      expect(result).toMatchObject({ verdict: 'fail', why: expect.stringContaining('to 1 of 4 requests'), evidence: expect.arrayContaining([expect.objectContaining({ observed: expect.stringContaining('of an earlier request that nobody answered, kept for 1 s more') })]) })
      expect(result?.durationMs).toBeGreaterThanOrEqual(2_000)
    })
    test('it is red at once when no request is answered', async () => {
      losing(() => true)
      expect(await look(egress)).toMatchObject({ verdict: 'fail', why: 'Pod lab/client gets no answer from the host on the internet (198.51.100.2:8080): UNREACHABLE.' })
    })
  })
  test('is inconclusive when not even the gateway reaches the host', async () => {
    lab.network.weather.internet.answers = false
    expect(await look(egress)).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining("gateway does not reach the host") })
  })
  test('is inconclusive in a lab without an internet', async () => {
    lab.outside = undefined as never
    expect(await look(egress)).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('This lab has no internet') })
  })
})

const open = (spec: object, status: object = {}): void => {
  const service = [...lab.kube.objects.values()].find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'hello')
  if (!service) throw new Error('no Service')
  lab.kube.put({ ...service, spec: { ...service.spec as object, ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }], ...spec }, status })
  lab.network.syncSlices()
}
const internet = { outside: 'internet' }
const given = (...addresses: string[]) => ({ loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } })

describe('from the internet', () => {
  test('a NodePort is reached, and the server hears the node that was asked', async () => {
    open({ type: 'NodePort' })
    const to = { ...hello, via: 'node-port', node: 'b' }
    expect(await look({ kind: 'reach', from: internet, to })).toMatchObject({ verdict: 'pass' })
    expect(await look({ kind: 'source', from: internet, to, expect: 'entry-node' })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('an address of the node that was asked, say server and kernel') })
    expect(await look({ kind: 'source', from: internet, to, expect: 'client' })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('not from 198.51.100.2') })
  })
  test('a Service at the address of the load balancer is reached, and the server hears that one', async () => {
    open({ type: 'LoadBalancer' }, given('198.51.100.8'))
    const to = { ...hello, via: 'load-balancer' }
    expect(await look({ kind: 'reach', from: internet, to })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('at the load balancer were answered') })
    expect(await look({ kind: 'source', from: internet, to, expect: 'load-balancer' })).toMatchObject({ verdict: 'pass' })
  })
  test.each([
    ['no address', { type: 'LoadBalancer' }, {}, 'yet: it is pending'],
    ['another type', { type: 'ClusterIP' }, {}, 'No load balancer has given Service lab/hello an address.'],
    ['an address written by hand', { type: 'LoadBalancer' }, given('203.0.113.9'), "none of the load balancer's"],
  ])('a Service with %s is no such thing', async (_name, spec, status, why) => {
    open(spec, status)
    expect(await look({ kind: 'reach', from: internet, to: { ...hello, via: 'load-balancer' } })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'Service lab/hello:80', why: expect.stringContaining(why) })
  })
  test('nothing is concluded while the gateway does not reach the host', async () => {
    open({ type: 'NodePort' })
    lab.network.weather.internet.answers = false
    expect(await look({ kind: 'reach', from: internet, to: { ...hello, via: 'node-port', node: 'b' } })).toMatchObject({ verdict: 'inconclusive' })
  })
})
