import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab(); lab.pod({ name: 'stranger', node: 'b', ip: '10.244.2.20', command: ['sleep', 'infinity'] }) })
const stranger = { pod: { name: 'stranger' } }
const viaIp = { ...hello, via: 'cluster-ip' } as const
const byPolicy = { kind: 'blocked', from: stranger, to: viaIp, control: { from: client, to: viaIp } } as const
const nobody = { kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 8080 }, control: { from: client, to: viaIp } } as const
const block = (how: 'TIMEOUT' | 'REFUSED' | 'RESET' | undefined) => { lab.network.weather.between = (from) => (from === 'stranger' ? how : undefined) }
const look = async (check: object) => (await lab.verify([check as typeof byPolicy]))[0]

describe('blocked passes', () => {
  test.each(['TIMEOUT', 'REFUSED'] as const)('on %s while the twin is answered, looked at more than once over a second', async (how) => {
    block(how)
    const result = await look(byPolicy)
    expect(result).toMatchObject({ verdict: 'pass', flapped: false })
    expect(result?.attempts).toBeGreaterThan(1)
    expect(result?.durationMs).toBeGreaterThanOrEqual(1_000)
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'control', observed: 'Pod lab/client reached Service lab/hello:80' }))
  })
  test.each(['TIMEOUT', 'REFUSED', 'UNREACHABLE'] as const)('at an address nobody has, whatever the network says (%s)', async (how) => {
    lab.network.weather.nobody = how
    expect(await look(nobody)).toMatchObject({ verdict: 'pass' })
  })
  test('at another address, when a Pod made meanwhile gets the one that nobody had', async () => {
    const free = lab.nobody.bind(lab)
    lab.nobody = async (sort) => {
      const address = await free(sort)
      if (address === '10.244.1.250') lab.pod({ name: 'newcomer', node: 'b', ip: address })
      return address
    }
    const result = await look(nobody)
    expect(result).toMatchObject({ verdict: 'pass', flapped: false, why: expect.stringContaining('an unused Pod address (10.244.1.249:8080)') })
  })
})

describe('blocked fails', () => {
  test('when it is answered', async () => { expect(await look(byPolicy)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('should be blocked') }) })
  test('when an address answers that no Pod and no Service has', async () => {
    lab.network.weather.nobody = 'OK'
    expect(await look(nobody)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('reaches an unused Pod address') })
  })
  test('on RESET, which comes after a handshake', async () => { block('RESET'); expect(await look(byPolicy)).toMatchObject({ verdict: 'fail' }) })
  test('when the twin is dead too: a dead server earns nothing', async () => {
    lab.network.weather.between = () => 'TIMEOUT'
    expect(await look(byPolicy)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^The control must be answered/u) })
  })
  test('on a refusal where nobody is known to listen', async () => {
    const elsewhere = { kind: 'blocked', from: stranger, to: { pod: { name: 'hello-a' }, port: 9999 }, control: { from: client, to: viaIp } } as const
    expect(await look(elsewhere)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('a refusal is not a block') })
  })
  test('when the path between the nodes is dead', async () => {
    lab.network.weather.brokenPaths.add('b>a')
    expect(await look(byPolicy)).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path b → a' })
  })
  test('when it opens during the hold, and says that it flapped', async () => {
    let knocks = 0
    lab.network.weather.between = (from) => (from === 'stranger' && (knocks += 1) < 3 ? 'TIMEOUT' : undefined)
    expect(await look({ ...byPolicy, hold: 5 })).toMatchObject({ verdict: 'fail', flapped: true })
  })
  test('when the target does not exist', async () => {
    expect(await look({ ...byPolicy, to: { service: 'gone', port: 80 } })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/gone.' })
  })
})

describe('a NetworkPolicy\'s truth table', () => {
  const requires = ['network-policy' as const]
  const before = { kind: 'reach', id: 'before', from: stranger, to: viaIp, requires } as const
  const denied = { ...byPolicy, id: 'with', hold: 2, requires } as const
  const after = { ...before, id: 'after' } as const
  const verdicts = async () => (await lab.verify([before, denied, after].map((check) => ({ ...check, within: 2 })))).map(({ id, verdict }) => `${id} ${verdict}`)
  test('is not offered where the plugin stores policies and does not enforce them: never a pass, never a fail', async () => {
    block('TIMEOUT')
    expect(await verdicts()).toEqual(['before not-offered', 'with not-offered', 'after not-offered'])
  })
  test('tells open from denied where it does', async () => {
    lab.networkFacts = { ...lab.networkFacts, networkPolicy: true }
    expect(await verdicts()).toEqual(['before pass', 'with fail', 'after pass'])
    block('TIMEOUT')
    expect(await verdicts()).toEqual(['before fail', 'with pass', 'after fail'])
  })
})
