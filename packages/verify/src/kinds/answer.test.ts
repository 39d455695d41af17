import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const asked = { from: client, to: hello }
const look = async (truth: object, given?: unknown) => (await lab.verify([{ kind: 'answer', key: 'q', truth } as never], { answers: (given === undefined ? {} : { q: given }) as never }))[0]

describe('answer', () => {
  test('is nothing yet', async () => { expect(await look({ equals: 'x' })).toMatchObject({ verdict: 'fail', why: 'No answer to "q" has been given yet.' }) })
  test('compares without space and case', async () => { expect(await look({ equals: 'kube-proxy' }, ' Kube-Proxy\n')).toMatchObject({ verdict: 'pass' }) })
  test.each(['hello-a', 'HELLO-B'])('%s is a Pod that answers', async (given) => { expect(await look({ answeredBy: asked }, given)).toMatchObject({ verdict: 'pass' }) })
  test.each(['client', 'hello', 'hello-', 'hello-a hello-b', '*'])('%s is none', async (given) => { expect(await look({ answeredBy: asked }, given)).toMatchObject({ verdict: 'fail' }) })
  test.each(['10.244.1.10', '::ffff:10.244.1.10', ' 10.244.1.10 '])('%s is where the request came from', async (given) => { expect(await look({ sourceSeen: asked }, given)).toMatchObject({ verdict: 'pass' }) })
  test.each(['10.244.1.1', '10.244.1.100', '10.96.1.1'])('%s is not', async (given) => { expect(await look({ sourceSeen: asked }, given)).toMatchObject({ verdict: 'fail' }) })
  test('is read from an object when it was given as a field', async () => {
    expect(await look({ sourceSeen: asked }, { pod: { name: 'client' }, field: 'status.podIP' })).toMatchObject({ verdict: 'pass' })
    expect(await look({ object: { apiVersion: 'v1', kind: 'Service', name: 'hello' }, path: 'spec.clusterIP' }, '10.96.1.1')).toMatchObject({ verdict: 'pass' })
  })
  test.each([
    ['wrong', { answeredBy: asked }, () => {}], ['1.1.1.1', { sourceSeen: asked }, () => {}], ['x', { object: { apiVersion: 'v1', kind: 'Service', name: 'hello' }, path: 'spec.clusterIP' }, () => {}],
    ['x', { answeredBy: asked }, (of: FakeLab) => { of.network.weather.between = (_from, to) => (to === 'hello-b' ? 'TIMEOUT' : undefined) }],
    ['x', { sourceSeen: asked }, (of: FakeLab) => { of.network.weather.serverHears = '10.244.1.10'; of.network.weather.masqueraded = true }],
    ['x', { answeredBy: asked }, (of: FakeLab) => { of.network.weather.says = (_pod, body) => ({ ...body, nonce: '' }) }],
  ])('a wrong answer (%s to %j) is never told the right one', async (given, truth, change) => {
    change(lab)
    const result = await look(truth, given)
    expect(result?.verdict).toBe('fail')
    expect(JSON.stringify([result?.why, result?.evidence, result?.firstBrokenHop])).not.toMatch(/hello-[ab]|10\.244\.\d+\.1[01]\b|10\.96\.1\.1/u)
  })
})
