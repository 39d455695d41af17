import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab(); lab.ttl = 0 })
const check = { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } } as const
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over } as typeof check]))[0]

describe('dns', () => {
  test('passes when the short name leads to the ClusterIP', async () => {
    expect(await look()).toMatchObject({ verdict: 'pass', why: 'hello asked from Pod lab/client resolves to 10.96.1.1, as the API says.' })
  })
  test('does not take some answer for the answer', async () => {
    lab.names?.set('hello.lab', ['198.51.100.7'])
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('resolves to 198.51.100.7, not to 10.96.1.1') })
  })
  test('does not take more addresses than there are', async () => {
    lab.names?.set('hello.lab', ['10.96.1.1', '198.51.100.7'])
    expect(await look()).toMatchObject({ verdict: 'fail' })
  })
  test('compares a headless name with the set of Ready Pods, in any order', async () => {
    lab.names?.set('peers.lab', ['10.244.2.11', '10.244.1.11'])
    expect(await look({ name: 'peers', expect: { podIpsOf: { labels: { app: 'hello' } } } })).toMatchObject({ verdict: 'pass' })
    lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready: false })
    expect(await look({ name: 'peers', expect: { podIpsOf: { labels: { app: 'hello' } } } })).toMatchObject({ verdict: 'fail' })
  })
  test('fails as TIMEOUT when DNS is down, also where a name must not exist', async () => {
    lab.names = undefined
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('does not resolve (TIMEOUT)'), firstBrokenHop: 'DNS' })
    expect(await look({ expect: { nxdomain: true } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('DNS does not work') })
  })
  test.each([0, 2])('one answer that gets lost, of the question number %i of a look, is no red', async (lost) => {
    lab.losesAnswer = (question) => question === lost
    expect(await look()).toMatchObject({ verdict: 'pass', flapped: false, looks: [expect.objectContaining({ state: 'green' })] })
  })
  test('every second answer that gets lost, as where one of two DNS Pods is dead, is red', async () => {
    lab.losesAnswer = (question) => question % 2 === 0
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('TIMEOUT') })
  })
  test('a denied name passes only as NXDOMAIN beside a known one', async () => {
    expect(await look({ name: 'nothing', expect: { nxdomain: true } })).toMatchObject({ verdict: 'pass' })
    expect(await look({ name: 'hello', expect: { nxdomain: true } })).toMatchObject({ verdict: 'fail' })
  })
  test('fails when the Service does not exist, whatever DNS says', async () => {
    lab.names?.set('ghost.lab', ['10.96.1.1'])
    expect(await look({ name: 'ghost', expect: { clusterIpOf: { service: 'ghost' } } })).toMatchObject({ verdict: 'fail' })
  })
  test('waits out an answer that may be cached before calling it wrong', async () => {
    lab.ttl = 1
    lab.names?.set('hello.lab', ['10.96.7.7'])
    lab.after(1_200, () => lab.names?.set('hello.lab', ['10.96.1.1']))
    expect(await look({ within: 0.2 })).toMatchObject({ verdict: 'pass' })
  })
})
