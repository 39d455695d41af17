import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'
import { pathOf } from './sysctl.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'sysctl', ...over }]))[0]
const strict = (node: string) => lab.kernel.settings(node).set('net/ipv4/conf/all/rp_filter', '1')

describe('sysctl passes', () => {
  test('on nodes that forward, read on every one of them, with a command to type', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'The kernel settings of k, a, b are as asked.' })
    expect(result?.evidence).toContainEqual({ witness: 'kernel', command: 'hoplab shell toolbox/b sysctl net/ipv4/ip_forward', observed: 'b: net/ipv4/ip_forward = 1', expected: '1' })
  })
  test('without a bridge where the network has none', async () => {
    const { bridge: _, ...unbridged } = lab.networkFacts
    lab.networkFacts = unbridged
    lab.kernel.settings('a').delete('net/bridge/bridge-nf-call-iptables')
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('with strict rp_filter where the way back is the same tunnel: nothing is dropped', async () => {
    strict('a')
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ observed: 'a: rp_filter of flannel.1 is 1; ways back: 10.244.0.2 by flannel.1, 10.244.2.2 by flannel.1' }))
  })
  test('on the named nodes only', async () => {
    lab.kernel.settings('a').set('net/ipv4/ip_forward', '0')
    expect(await look({ nodes: ['b'] })).toMatchObject({ verdict: 'pass', why: 'The kernel settings of b are as asked.' })
  })
  test('on one of several accepted values', async () => {
    expect(await look({ values: { 'net.ipv4.conf.flannel/1.rp_filter': [0, 2] } })).toMatchObject({ verdict: 'pass' })
  })
})

describe('sysctl fails', () => {
  test.each([
    ['net/ipv4/ip_forward', 'On a net/ipv4/ip_forward is 0; asked is 1.'], ['net/bridge/bridge-nf-call-iptables', 'On a net/bridge/bridge-nf-call-iptables is 0; asked is 1.'],
    ['net/ipv4/conf/cni0/forwarding', 'On a net/ipv4/conf/cni0/forwarding is 0; asked is 1.'], ['net/ipv4/conf/eth0/forwarding', 'On a net/ipv4/conf/eth0/forwarding is 0; asked is 1.'],
  ])('when %s is off on one node', async (path, why) => {
    lab.kernel.settings('a').set(path, '0')
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why, firstBrokenHop: 'node a' })
  })
  test('when a setting does not exist there: no empty equals empty', async () => {
    lab.kernel.settings('b').delete('net/bridge/bridge-nf-call-iptables')
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On b net/bridge/bridge-nf-call-iptables is not there; asked is 1.' })
  })
  test('when strict rp_filter drops what comes out of the tunnel', async () => {
    strict('a')
    lab.kernel.routes.set('a 10.244.2.2', { dev: 'eth0', gateway: '172.20.0.4' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^On a packets of 10\.244\.2\.2 come out of flannel\.1 and would be dropped/u) })
  })
  test('when only "all" is strict, because the greater value counts', async () => {
    strict('a')
    expect(await look({ values: { 'net.ipv4.conf.eth0.rp_filter': [0, 2] } })).toMatchObject({ verdict: 'fail', why: 'On a net.ipv4.conf.eth0.rp_filter is 1; asked is 0 or 2.' })
  })
})

describe('sysctl is inconclusive', () => {
  test('when it was read in another network namespace, a Pod\'s for one', async () => {
    lab.kernel.strayed.add('a')
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: 'The settings of a were not read in its own network namespace.' })
  })
  test.each([['missing', { exitCode: 127, stdout: '' }], ['silent', { exitCode: 0, stdout: '' }], ['failing', { exitCode: 1, stdout: 'x' }], ['endless', { exitCode: 124, stdout: '' }]])('when the reader is %s', async (_name, printed) => {
    for (const program of ['grep', 'readlink']) {
      lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { ...printed, stderr: '' } : whole)
      expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
    }
  })
  test('when the output is cut', async () => {
    lab.rewrite = (node, argv, whole) => (argv[0] === 'bash' && node === 'b' ? { ...whole, stdout: whole.stdout.slice(0, -9) } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: 'What programs on b printed did not arrive whole.' })
  })
})

test.each([['net.ipv4.ip_forward', 'net/ipv4/ip_forward'], ['net/ipv4/conf/flannel.1/rp_filter', 'net/ipv4/conf/flannel.1/rp_filter'], ['net.ipv4.conf.flannel/1.rp_filter', 'net/ipv4/conf/flannel.1/rp_filter']])('%s is %s', (name, path) => {
  expect(pathOf(name)).toBe(path)
})
test('nothing outside "net." can be asked for', async () => {
  for (const name of ['kernel.hostname', 'net/../kernel/hostname', 'net.x;reboot']) await expect(look({ values: { [name]: 1 } })).rejects.toThrow('must be a setting under')
})
