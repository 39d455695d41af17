import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab(); lab.service('empty', '10.96.1.9', { app: 'nobody' }) })
const viaIp = { ...hello, via: 'cluster-ip' } as const
const check = { kind: 'refused', from: client, to: { service: 'empty', port: 80 }, control: { from: client, to: viaIp } } as const
const onPod = { ...check, to: { pod: { name: 'hello-a' }, port: 9000 } } as const
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over }]))[0]

describe.each(['iptables', 'nftables'] as const)('refused in %s mode', (proxyMode) => {
  beforeEach(() => { lab.networkFacts = { ...lab.networkFacts, proxyMode } })
  test('passes where the client is refused and the node has the rule for it', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: 'Service lab/empty:80 refuses Pod lab/client at once, while Service lab/hello:80 answers.' })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'kube-proxy', observed: expect.stringMatching(/refuses$/u) }))
  })
  test('fails without that rule, though something refuses', async () => {
    lab.rules.spoil = (listing) => listing.replaceAll('10.96.1.9', '10.96.1.8')
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('there is none') })
  })
})

describe('refused', () => {
  test('passes at a port of a Pod where nobody listens from outside, by the client\'s word and the twin\'s', async () => {
    expect(await look(onPod)).toMatchObject({ verdict: 'pass' })
  })
  test.each(['TIMEOUT', 'UNREACHABLE', 'RESET', 'OK'] as const)('fails on %s: not any error is a refusal', async (how) => {
    lab.network.weather.listening.set('hello-a', [8080, 9000])
    lab.pod({ name: 'asker', node: 'b', ip: '10.244.2.70' })
    if (how !== 'OK') lab.network.weather.between = (from) => (from === 'asker' ? how : undefined)
    expect(await look({ ...onPod, from: { pod: { name: 'asker' } } })).toMatchObject({ verdict: 'fail' })
  })
  test('passes though the kernel had no refusal left for this client in the first look, and fails when silence lasts', async () => {
    const connect = lab.network.connect.bind(lab.network)
    let silentFor = 1
    lab.network.connect = (node, from, target, nonce) =>
      (target === '10.96.1.9:80' && silentFor-- > 0 ? { class: 'TIMEOUT', local: '10.244.1.9:40000' } : connect(node, from, target, nonce))
    expect(await look({ within: 2 })).toMatchObject({ verdict: 'pass', attempts: 2 })
    silentFor = Infinity
    expect(await look({ within: 2 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('as if the packet were dropped') })
  })
  test('fails beside a dead twin', async () => {
    lab.network.weather.between = () => 'TIMEOUT'
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^The control must be answered for "refused"/u) })
  })
  test('fails on a broken path, naming it', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look({ ...onPod, to: { pod: { name: 'hello-b' }, port: 9000 } })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b' })
  })
  test('fails when the Service has endpoints that answer', async () => {
    expect(await look({ to: viaIp })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('which should refuse') })
  })
  test.each([['ends too early', (text: string) => text.slice(0, 500)], ['fails', undefined]])('is inconclusive when the rules\' listing %s', async (_how, cut) => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) !== 'iptables-save' ? printed : cut ? { ...printed, stdout: cut(printed.stdout) } : { exitCode: 127, stdout: '', stderr: 'not found' })
    expect(await look()).toMatchObject({ verdict: 'inconclusive' })
  })
})
