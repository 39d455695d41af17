import { beforeEach, describe, expect, test } from 'vitest'
import { repeatsToTrust } from '../statistics/affinity.ts'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async () => (await lab.verify([{ kind: 'affinity', from: client, to: hello }]))[0]
const pin = () => lab.network.weather.weights.set('hello-a', 0)
const hasSpec = (more: object) => {
  const service = [...lab.kube.objects.values()].find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'hello')
  if (!service) throw new Error('no Service hello')
  lab.kube.put({ ...service, spec: { ...(service.spec as object), ...more } })
}
const remember = () => { pin(); hasSpec({ sessionAffinity: 'ClientIP' }) }

describe('affinity', () => {
  test('passes when one of two live backends answers 21 times in a row, and prints the chance of that without affinity', async () => {
    remember()
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('21 connections in a row') })
    expect(result?.evidence[0]).toMatchObject({ observed: '21 connections in a row answered by lab/hello-b', expected: expect.stringContaining('9.5e-7') })
  })
  test('fails without it', async () => { expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('by 2 different backends') }) })
  test('fails with a single backend, which shows nothing', async () => {
    lab.service('hello', '10.96.1.1', { app: 'solo' })
    lab.pod({ name: 'solo', node: 'b', ip: '10.244.2.30', labels: { app: 'solo' } })
    lab.network.syncSlices()
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has one backend') })
  })
  test('fails when the other backends are dead', async () => {
    pin()
    lab.network.weather.listening.set('hello-a', [])
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('Not all of the 2 backends') })
  })
  test('fails when no rule remembers anybody, though one backend always answers', async () => {
    pin()
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a the rules of Service lab/hello:80 remember no client.' })
  })
  test('fails when the rules of the client\'s node know one backend alone', async () => {
    pin()
    hasSpec({ sessionAffinity: 'ClientIP', internalTrafficPolicy: 'Local' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'On a the rules lead to one endpoint of Service lab/hello:80 alone, so one that always answers shows nothing.' })
  })
  test('goes by the kernel, not by what servers claim', async () => {
    lab.network.weather.says = (_pod, body) => ({ ...body, pod: 'hello-a', local: '10.244.1.11:8080' })
    expect(await look()).toMatchObject({ verdict: 'fail' })
  })
  test.each([[2, 21], [3, 14], [4, 11], [10, 7]])('of %i backends takes %i answers for 1e-6', (k, repeats) => {
    expect(repeatsToTrust(k, 1e-6)).toBe(repeats)
    expect(k ** (1 - repeats)).toBeLessThanOrEqual(1e-6)
    expect(k ** (2 - repeats)).toBeGreaterThan(1e-6)
  })
})
