import { describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from './testing/index.ts'

const reach = { kind: 'reach', from: client, to: hello }
const look = async (lab: FakeLab, check: object = reach) => (await lab.verify([check as { kind: string }]))[0]
const silentLab = (): FakeLab => {
  const lab = helloLab()
  lab.network.weather.between = (from) => (from === 'client' ? 'TIMEOUT' : undefined)
  return lab
}

describe('an answer that comes late', () => {
  test.each([['reach', reach], ['dns', { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } }], ['source', { ...reach, kind: 'source', expect: 'client-pod' }]])('is waited for in the look that decides: %s', async (_name, check) => {
    const lab = helloLab()
    lab.answersAfterMs.set('client', 3_000)
    expect(await look(lab, check)).toMatchObject({ verdict: 'pass', flapped: true, looks: [{ state: 'red', times: 1 }, { state: 'green' }] })
  })
  test('is waited for where a node was too slow for its own control Pod', async () => {
    const lab = helloLab()
    lab.answersAfterMs.set('control-a', 3_000)
    expect(await look(lab)).toMatchObject({ verdict: 'pass', looks: [{ state: 'broken', times: 1 }, { state: 'green' }] })
  })
  test('is none after six seconds', async () => {
    const lab = helloLab()
    lab.answersAfterMs.set('client', 6_500)
    expect(await look(lab)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('TIMEOUT') })
  })
  test('is not waited for where none is asked for', async () => {
    const lab = helloLab()
    lab.answersAfterMs.set('client', 3_000)
    const waits = new Set<string>()
    const { shell } = lab
    lab.shell = (node) => ({ node, exec: (argv, options) => { for (const [, ms = ''] of (options.input ?? '').matchAll(/"kind":"tcp".*?"timeoutMs":(\d+)/gu)) waits.add(ms); return shell.call(lab, node).exec(argv, options) } })
    expect(await look(lab, { kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 8080 }, control: { from: client, to: hello } })).toMatchObject({ verdict: 'pass' })
    expect([...waits]).toEqual(['1200'])
  })
})

describe('silence on a machine out of breath', () => {
  test('is no red: it says which node kept whom waiting, and what was seen', async () => {
    const lab = silentLab()
    lab.lateWakes.set('b', 2_340)
    const result = await look(lab)
    expect(result).toMatchObject({ verdict: 'inconclusive', why: expect.stringMatching(/^The machine was out of breath: on b a Pod waited 2\.3 s for a processor, .* Seen was: 5 of 5 connections .* got no answer in time/u) })
    expect(result?.evidence[0]).toEqual({ witness: 'control', observed: 'b: its control Pod waited 2.3 s for a processor meanwhile', expected: 'less than 1 s' })
  })
  test('is one where nobody waited for long', async () => {
    const lab = silentLab()
    lab.lateWakes.set('b', 900)
    expect(await look(lab)).toMatchObject({ verdict: 'fail' })
  })
  test('is one where no control Pod tells', async () => {
    const lab = silentLab()
    for (const node of ['k', 'a', 'b']) lab.lateWakes.set(node, 9_000)
    for (const key of lab.kube.objects.keys()) if (key.includes('hoplab-control/control-')) lab.kube.objects.delete(key)
    expect((await look(lab))?.why).not.toContain('out of breath')
  })
  test('passes as soon as it has breath again and is answered', async () => {
    const lab = silentLab()
    lab.lateWakes.set('a', 1_500)
    let asked = 0
    lab.network.weather.between = (from) => (from === 'client' && (asked += 1) <= 5 ? 'TIMEOUT' : undefined)
    expect(await look(lab, { ...reach, within: 20 })).toMatchObject({ verdict: 'pass' })
  })
  test('is waited for some seconds more when time is up', async () => {
    const lab = silentLab()
    lab.lateWakes.set('a', 1_500)
    lab.network.weather.between = (from) => (from === 'client' && lab.clock.now() < 9_000 ? 'TIMEOUT' : undefined)
    const [result] = await lab.verify([{ ...reach, within: 1 }])
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.durationMs).toBeGreaterThanOrEqual(5_000)
  })
  test('is inconclusive also where every other look is answered: the check has an end', async () => {
    const lab = silentLab()
    lab.lateWakes.set('a', 1_500)
    const looks = () => lab.execs.filter((exec) => exec === 'a hoplab-probe').length
    lab.network.weather.between = (from) => (from === 'client' && looks() % 2 === 1 ? 'TIMEOUT' : undefined)
    expect(await look(lab, { ...reach, hold: 5 })).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('out of breath') })
  })
  test('leaves a red that rests on an answer as it is', async () => {
    const lab = helloLab()
    lab.lateWakes.set('a', 5_000)
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect(await look(lab, { ...reach, to: { service: 'hello', port: 80, via: 'cluster-ip' } })).toMatchObject({ verdict: 'fail' })
  })
})
