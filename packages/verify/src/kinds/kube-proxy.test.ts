import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'kube-proxy', ...over } as never]))[0]
const canaries = () => [...lab.kube.objects.keys()].filter((key) => key.includes('canary'))

describe('kube-proxy passes', () => {
  test('on every node, by its own word, the kernel\'s rules and a Service made now', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'kube-proxy on k, a, b is in mode iptables, healthy, and wrote a Service made during the check.' })
    expect(new Set(result?.evidence.map(({ witness }) => witness))).toEqual(new Set(['kube-proxy', 'rules', 'canary', 'control']))
    expect(canaries()).toEqual([])
  })
  test('in nftables mode, by its table', async () => {
    lab.networkFacts = { ...lab.networkFacts, proxyMode: 'nftables' }
    for (const { name } of lab.nodes) Object.assign(lab.proxy.on(name), { mode: 'nftables', rules: 'table ip kube-proxy {\n chain nat-prerouting {\n }\n chain nat-output {\n }\n map service-ips {\n }\n}\n' })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('kube-proxy fails', () => {
  test.each([
    ['it does not run, though its old rules are still there', { up: false }, 'kube-proxy on a does not run: nobody answers at http://127.0.0.1:10249/proxyMode.'],
    ['it is in the other mode', { mode: 'nftables' }, 'kube-proxy on a is in mode nftables, not iptables.'],
    ['it is unhealthy', { health: 503 }, 'kube-proxy on a is not well: http://127.0.0.1:10256/healthz says 503.'],
    ['it is not live', { live: 503 }, 'kube-proxy on a is not well: http://127.0.0.1:10256/livez says 503.'],
    ['the kernel has no rules', { rules: '' }, /^The kernel of a has no rules/u],
    ['nothing leads to its rules', { rules: ':KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d 10.96.0.1/32 -j X\n' }, /^The kernel of a has no rules of kube-proxy for mode iptables: without -A PREROUTING/u],
    ['its last sync is older than a Service that works', { frozen: true }, /^A Service made now works on a, but not by this kube-proxy/u],
    ['changes stay pending', { pending: 3 }, 'kube-proxy on a has 3 changes that it has not written.'],
  ])('when %s', async (_name, harm, why) => {
    Object.assign(lab.proxy.on('a'), harm)
    const result = await look({ within: 0.2 })
    expect(result).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: 'kube-proxy on a' })
    expect(result?.why).toMatch(why)
    expect(canaries()).toEqual([])
  })
  test('when it says all is well and writes nothing', async () => {
    lab.lateProxies.add('a')
    expect(await look({ within: 0.2 })).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^kube-proxy on a does not write a Service made some seconds ago/u) })
  })
  test('not for one that has just begun and does not listen yet', async () => {
    lab.proxy.on('a').up = false
    const patient = lab.verify([{ kind: 'kube-proxy', within: 0.2 } as never])
    lab.after(1_000, () => { lab.proxy.on('a').up = true })
    expect((await patient)[0]).toMatchObject({ verdict: 'pass' })
  })
  test('not for other nodes than those named', async () => {
    lab.proxy.on('a').up = false
    expect(await look({ nodes: ['b'] })).toMatchObject({ verdict: 'pass' })
  })
})

describe('kube-proxy is inconclusive', () => {
  test('without a control Pod that its Service could lead to', async () => {
    for (const [key] of lab.kube.objects) if (key.endsWith('control-b')) lab.kube.objects.delete(key)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod') })
  })
  test.each([['curl', 127, ''], ['curl', 0, ''], ['curl', 0, 'iptables'], ['curl', 3, ''], ['iptables-save', 127, ''], ['iptables-save', 4, '']])('when %s ends with %i and prints "%s"', async (program, exitCode, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { exitCode, stdout, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})
