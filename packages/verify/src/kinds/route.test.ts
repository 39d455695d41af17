import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'route', to: { name: 'hello-b' }, ...over } as never]))[0]

describe('route passes', () => {
  test('when the whole chain leads to the Pod\'s node, from every other node', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1 })
    expect(result?.why).toBe('k → 10.244.2.11 by flannel.1 to 10.244.2.0, which is 62:5b:af:00:00:02 at 172.20.0.4, the node of lab/hello-b; a → 10.244.2.11 by flannel.1 to 10.244.2.0, which is 62:5b:af:00:00:02 at 172.20.0.4, the node of lab/hello-b.')
    expect(new Set(result?.evidence.map(({ witness }) => witness))).toEqual(new Set(['route', 'device', 'neighbour', 'fdb', 'control']))
    expect(result?.evidence).toContainEqual({ witness: 'fdb', command: 'hoplab shell toolbox/a bridge fdb show dev flannel.1', observed: '62:5b:af:00:00:02 is at 172.20.0.4', expected: '172.20.0.4' })
  })
  test('without overlay, straight to the node', async () => {
    const { overlay: _, ...plain } = lab.networkFacts
    lab.networkFacts = plain
    lab.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.4' })
    expect(await look({ nodes: ['a'] })).toMatchObject({ verdict: 'pass' })
    lab.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.2' })
    expect(await look({ nodes: ['a'] })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'route on a' })
  })
})

describe('where Pods live in the nodes\' own network', () => {
  beforeEach(() => { const { overlay: _, ...plain } = lab.networkFacts; lab.networkFacts = { ...plain, ipam: 'node-network' } })

  test('the Pod is a neighbour who is its node', async () => {
    const result = await look({ nodes: ['a'] })
    expect(result).toMatchObject({ verdict: 'pass', why: 'a → 10.244.2.11 by eth0, a neighbour: the node of lab/hello-b.' })
    expect(result?.evidence).toContainEqual({ witness: 'neighbour', command: 'hoplab shell toolbox/a ip neigh show dev eth0', observed: '10.244.2.11 is 62:5b:af:00:00:02', expected: 'the address of eth0 on b: 62:5b:af:00:00:02' })
    lab.kernel.entries.set('a 10.244.2.11', undefined)
    expect(await look({ nodes: ['a'] })).toMatchObject({ verdict: 'pass' })
  })
  test.each([
    ['a next hop', () => lab.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.254' }), 'route on a', /leave by eth0 to 172\.20\.0\.254, not by eth0 and no next hop/u],
    ['another node\'s link-layer address', () => lab.kernel.entries.set('a 10.244.2.11', lab.kernel.mac('k')), 'neighbour table on a', /a takes 62:5b:af:00:00:00 for 10\.244\.2\.11, .* eth0 of its node b is 62:5b:af:00:00:02/u],
  ])('%s is red', async (_name, harm, hop, why) => {
    harm()
    expect(await look({ nodes: ['a'] })).toMatchObject({ verdict: 'fail', firstBrokenHop: hop, why: expect.stringMatching(why) })
  })
})

describe('route fails', () => {
  test.each([
    ['a route by another device', () => lab.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.4' }), 'route on a', /leave by eth0 to 172\.20\.0\.4, not by flannel\.1/u],
    ['no route', () => lab.kernel.routes.set('a 10.244.2.11', undefined), 'route on a', /find no route/u],
    ['a right route with a wrong forwarding entry', () => lab.kernel.entries.set(`a ${lab.kernel.mac('b')}`, '172.20.0.2'), 'FDB on a', /The route on a is right, but .* to 172\.20\.0\.2, not to 172\.20\.0\.4/u],
    ['a right route without forwarding entry', () => lab.kernel.entries.set(`a ${lab.kernel.mac('b')}`, undefined), 'FDB on a', /to no node/u],
    ['no neighbour entry', () => lab.kernel.entries.set('a 10.244.2.0', undefined), 'neighbour table on a', /does not know/u],
    ['the neighbour entry of another node', () => lab.kernel.entries.set('a 10.244.2.0', lab.kernel.mac('k')), 'neighbour table on a', /flannel\.1 on b is 62:5b:af:00:00:02/u],
    ['no device', () => lab.kernel.tunnels.set('a', undefined), 'flannel.1 on a', /^a has no device flannel\.1/u],
    ['no device at the other end', () => lab.kernel.tunnels.set('b', undefined), 'flannel.1 on b', /^b has no device/u],
    ['another VXLAN at the other end', () => lab.kernel.tunnels.set('b', { id: 2, port: 8472 }), 'flannel.1 on b', /is VXLAN 2 on UDP port 8472, not 1 on 8472/u],
    ['another UDP port', () => lab.kernel.tunnels.set('a', { id: 1, port: 4789 }), 'flannel.1 on a', /is VXLAN 1 on UDP port 4789/u],
    ['right tables and packets that are lost', () => lab.network.weather.brokenPaths.add('a>b'), 'path a → b', /Every table leads from a to b, and still/u],
  ])('on %s, and names the hop', async (_name, harm, hop, why) => {
    harm()
    expect(await look({ nodes: ['a'] })).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: hop, why: expect.stringMatching(why) })
  })
  test('when the Pod is on the same node: nothing between nodes can be shown', async () => {
    expect(await look({ nodes: ['b'] })).toMatchObject({ verdict: 'fail', why: 'No Pod hello-b in namespace lab is on another node, so no way between nodes can be shown.' })
  })
  test.each([[{ name: 'bye' }, 'There is no Pod bye in namespace lab.']])('when there is no Pod %j', async (to, why) => { expect(await look({ to })).toMatchObject({ verdict: 'fail', why }) })
})

describe('route is inconclusive', () => {
  test.each([
    ['ip', { exitCode: 127, stdout: '' }], ['ip', { exitCode: 0, stdout: '' }], ['ip', { exitCode: 0, stdout: '[{"dst":"10.2' }], ['ip', { exitCode: 0, stdout: '[]' }], ['ip', { exitCode: 1, stdout: '' }],
    ['bridge', { exitCode: 127, stdout: '' }], ['bridge', { exitCode: 0, stdout: '' }], ['bridge', { exitCode: 0, stdout: '{}' }],
  ])('when %s prints %j', async (program, printed) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { ...printed, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
  test('without the control Pod of the node', async () => {
    await lab.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'control-b', namespace: 'hoplab-control' }, { throwIfOver: () => {} } as never)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod') })
  })
})
