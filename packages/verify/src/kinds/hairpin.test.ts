import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'solo', node: 'b', ip: '10.244.2.30', labels: { app: 'solo' } })
  lab.service('solo', '10.96.1.2', { app: 'solo' })
})
const look = async (over: object = {}) => (await lab.verify([{ kind: 'hairpin', pod: { name: 'solo' }, to: { service: 'solo', port: 80 }, ...over }]))[0]

describe('hairpin', () => {
  test('passes when the only backend answers itself, and tells that its source was translated', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: 'Pod lab/solo reached itself through Service lab/solo:80 in 5 of 5 connections.' })
    expect(result?.evidence.slice(0, 2)).toMatchObject([{ witness: 'server', observed: 'asked from 172.20.0.4' }, { witness: 'conntrack', observed: expect.stringContaining('on b: 10.244.2.30:') }])
  })
  test('fails when packets do not come back, while others reach it', async () => {
    lab.network.weather.between = (from, to) => (from === to ? 'TIMEOUT' : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail' })
    expect((await lab.verify([{ kind: 'reach', from: { pod: { name: 'client' } }, to: { service: 'solo', port: 80 } }]))[0]?.verdict).toBe('pass')
  })
  test('fails with two backends: the other one may answer', async () => {
    expect(await look({ pod: { name: 'hello-a' }, to: { service: 'hello', port: 80 } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has 2 backends') })
  })
  test('fails with another one, and with none', async () => {
    expect(await look({ pod: { name: 'client' } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has another backend') })
    lab.service('solo', '10.96.1.2', { app: 'nobody' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Service lab/solo:80 has no backend.' })
  })
  test('is about one Pod', async () => {
    expect(await look({ pod: { labels: { app: 'hello' } } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('there are 2') })
  })
})
