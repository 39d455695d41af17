import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'
import { isIn, overlap } from '../witness/ranges.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'addresses', ...over } as never]))[0]
const own = { pods: { name: 'client' } }
const finish = (name: string, ip: string) => lab.kube.put({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'lab' }, spec: { nodeName: 'a' }, status: { phase: 'Succeeded', podIP: ip } })

describe('addresses pass', () => {
  test('when all are unique and in their pools', async () => {
    expect(await look()).toMatchObject({ verdict: 'pass', points: 1, why: '6 addresses of running Pods are unique and in their pools (10.244.0.0/16), apart from Services (10.96.0.0/16) and nodes.' })
  })
  test('although a finished Pod still records an address that another has now', async () => {
    finish('job', '10.244.1.10')
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('although Pods on the host\'s network share the node\'s', async () => {
    for (const name of ['x', 'y']) lab.pod({ name, node: 'a', ip: '172.20.0.3', hostNetwork: true })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('of a plugin that allocates on its own, whatever the node\'s range', async () => {
    lab.networkFacts = { ...lab.networkFacts, ipam: 'cluster-wide' }
    lab.pod({ name: 'far', node: 'a', ip: '10.244.77.9' })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('with the Pod\'s own view, its status and two peers as witnesses', async () => {
    const result = await look(own)
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('Pod lab/client has the same address in the Pod, in its status and for a peer.') })
    expect(result?.evidence.slice(0, 5).map(({ witness, observed }) => `${witness}: ${observed}`)).toEqual([
      'api: 10.244.1.10', 'pod: eth0 has 10.244.1.10', 'peer: hoplab-control/control-k on k was asked from 10.244.1.10', 'peer: hoplab-control/control-b on b was asked from 10.244.1.10', expect.stringContaining('control: '),
    ])
  })
})

describe('addresses fail', () => {
  test.each([
    ['two running Pods share one', () => lab.pod({ name: 'twin', node: 'a', ip: '10.244.1.10' }), /^Pods lab\/client and lab\/twin have one address, 10\.244\.1\.10\.$/u],
    ['a Pod\'s is not from its node\'s range', () => lab.pod({ name: 'stray', node: 'a', ip: '10.244.2.99' }), /not from 10\.244\.1\.0\/24/u],
    ['a Pod\'s is from outside', () => lab.pod({ name: 'stray', node: 'a', ip: '192.0.2.9' }), /not from 10\.244\.1\.0\/24/u],
    ['the node has no range', () => lab.kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: {} }), /a pool of a: that has none/u],
    ['Pods and Services overlap', () => { lab.networkFacts = { ...lab.networkFacts, serviceSubnet: '10.244.128.0/17' } }, /overlap/u],
    ['a node is among the Pods', () => { lab.networkFacts = { ...lab.networkFacts, podSubnet: '172.20.0.0/16' } }, /^Node k has the address 172\.20\.0\.2, inside 172\.20\.0\.0\/16/u],
    ['a Service is among the Pods', () => lab.service('odd', '10.244.9.9', { app: 'hello' }), /^Service lab\/odd has the address 10\.244\.9\.9/u],
  ])('when %s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when nothing runs: over an empty set nothing is proven', async () => {
    for (const [key, object] of lab.kube.objects) if (object.kind === 'Pod') lab.kube.objects.delete(key)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('no address to judge') })
  })
  test('when the Pod itself has another address than its status says', async () => {
    lab.runtime.addresses.set('lab/client', ['10.244.1.77'])
    expect(await look(own)).toMatchObject({ verdict: 'fail', why: 'In Pod lab/client eth0 has 10.244.1.77; its status says 10.244.1.10.' })
  })
  test('when a peer is asked from another: the Pod\'s status alone would not show it', async () => {
    lab.network.weather.masqueraded = true
    expect(await look(own)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/is asked by Pod lab\/client from 172\.20\.0\.3, not from 10\.244\.1\.10/u) })
  })
  test('when no peer can be reached, naming the path', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look(own)).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b' })
  })
  test('for a Pod on the host\'s network', async () => {
    lab.pod({ name: 'client', node: 'a', ip: '172.20.0.3', hostNetwork: true })
    expect(await look(own)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('hostNetwork') })
  })
})

describe('addresses are inconclusive', () => {
  test.each([['nsenter', 127, ''], ['nsenter', 0, ''], ['nsenter', 0, '[]'], ['nsenter', 0, '[{"ifname":"eth0","addr'], ['readlink', 127, '']])('when %s ends with %i and prints "%s"', async (program, exitCode, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { exitCode, stdout, stderr: '' } : whole)
    expect(await look(own)).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})

test('ranges', () => {
  expect([isIn('10.244.1.9', '10.244.1.0/24'), isIn('10.244.2.9', '10.244.1.0/24'), isIn('fd00::1', '10.244.1.0/24'), isIn('', '10.244.1.0/24')]).toEqual([true, false, false, false])
  expect([overlap('10.0.0.0/8', '10.96.0.0/16'), overlap('10.96.0.0/16', '10.0.0.0/8'), overlap('10.96.0.0/16', '10.244.0.0/16'), overlap('fd00::/8', '10.0.0.0/8')]).toEqual([true, true, false, false])
  expect(() => isIn('10.0.0.1', 'nonsense')).toThrow('no range')
})
