import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'mtu', from: client, to: { labels: { app: 'hello' } }, ...over }]))[0]
const said = (from: string, to: string) => { lab.rewrite = (_node, _argv, printed) => ({ ...printed, stdout: printed.stdout.replaceAll(from, to) }) }

describe('mtu passes', () => {
  test('when the largest packet gets through and one byte more does not, and tells the sizes of all devices', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'Packets of 1450 bytes, the most that the devices of Pod lab/client send, get to lab/hello-b whole, and one byte more is refused at once.' })
    expect(result?.evidence.map(({ observed }) => observed)).toEqual([
      'flannel.1 on a: MTU 1450', 'flannel.1 on b: MTU 1450', 'eth0 of Pod lab/client: MTU 1450', 'eth0 of Pod lab/hello-b: MTU 1450',
      'to lab/hello-b: 84 bytes OK, 1450 bytes OK, 1451 bytes TOOBIG here', 'a → b OK',
    ])
  })
  test('from all Pods of a reference, each to the other node', async () => {
    const result = await look({ from: { pod: { labels: { app: 'hello' } } } })
    expect(result?.verdict).toBe('pass')
    expect(result?.evidence.filter(({ witness }) => witness === 'client')).toHaveLength(2)
  })
  test('with smaller packets than the way could carry', async () => {
    lab.network.weather.mtu.pod = 1_300
    expect(await look()).toMatchObject({ verdict: 'pass', why: expect.stringContaining('Packets of 1300 bytes') })
  })
  test('without overlay, at the size of the uplink', async () => {
    const { overlay: _, ...plain } = lab.networkFacts
    lab.networkFacts = plain
    Object.assign(lab.network.weather.mtu, { pod: 1_500, tunnel: 9_000, way: 1_550 })
    expect(await look()).toMatchObject({ verdict: 'pass', why: expect.stringContaining('Packets of 1500 bytes') })
  })
})

describe('mtu fails', () => {
  test.each([
    ['Pods take more than the tunnel', () => { lab.network.weather.mtu.pod = 1_500 }, /^The MTU of eth0 of Pod lab\/client is 1500, and may be at most 1450: eth0 of a carries 1500 and wrapping takes 50\.$/u, 'eth0 of Pod lab/client'],
    ['only the Pod that is asked does', () => { lab.network.weather.mtu.odd.set('hello-b', 1_500) }, /^The MTU of eth0 of Pod lab\/hello-b is 1500/u, 'eth0 of Pod lab/hello-b'],
    ['the tunnel takes less than Pods send', () => { lab.network.weather.mtu.tunnel = 1_400 }, /may be at most 1400: flannel\.1 on a takes 1400/u, 'eth0 of Pod lab/client'],
    ['the uplink has shrunk below the tunnel', () => { lab.network.weather.mtu.uplink = 1_480 }, /^The MTU of flannel\.1 on a is 1450, and may be at most 1430: eth0 of a carries 1480/u, 'flannel.1 on a'],
    ['devices agree and the way between carries less, which small replies do not show', () => { lab.network.weather.mtu.way = 1_499 }, /^A packet of 1450 bytes, .* does not get from Pod lab\/client to Pod lab\/hello-b \(TIMEOUT\), and a small one does/u, undefined],
    ['one byte more than the device takes gets through, as by one kernel\'s offload', () => said('"class":"TOOBIG"', '"class":"OK"'), /^A packet of 1451 bytes .* is not refused where it is sent \(OK\)/u, undefined],
    ['it is refused on the way only', () => said('"refused":"here"', '"refused":"on the way"'), /TOOBIG on the way/u, undefined],
    ['the sender remembers a smaller way', () => { lab.network.weather.mtu.remembered = 1_400 }, /\(TOOBIG here\), and a small one does; the sender's kernel takes 1400 bytes for the most on this way\.$/u, undefined],
    ['a node has no tunnel', () => lab.kernel.tunnels.set('b', undefined), /^b has no device flannel\.1/u, 'flannel.1 on b'],
    ['the path is dead', () => lab.network.weather.brokenPaths.add('a>b'), /broken for packets of any size/u, 'path a → b'],
    ['the Pod answers no ping at all', () => { lab.network.weather.between = () => 'TIMEOUT' }, /^Not even a small ping .* no matter of size/u, undefined],
    ['the sender is on its node\'s network', () => lab.pod({ name: 'client', node: 'a', ip: '172.20.0.3', hostNetwork: true }), /has no device of its own/u, undefined],
  ])('when %s', async (_name, harm, why, hop) => {
    harm()
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
    expect(result?.firstBrokenHop).toBe(hop)
  })
  test('when all Pods are on one node', async () => {
    expect(await look({ to: { name: 'hello-a' } })).toMatchObject({ verdict: 'fail', why: 'No Pod hello-a in namespace lab is on another node, so no packet between nodes can be shown.' })
  })
})

describe('mtu is inconclusive', () => {
  test.each([['nsenter', ''], ['nsenter', '[]'], ['ip', '[{"ifname":"eth0"}]'], ['ip', '{}']])('when %s prints %j', async (program, stdout) => {
    lab.rewrite = (_node, argv, whole) => (argv[0] === program ? { exitCode: 0, stdout, stderr: '' } : whole)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})
