import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const check = { kind: 'source', from: client, to: { ...hello, via: 'cluster-ip' }, expect: 'client-pod' } as const
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over } as typeof check]))[0]

describe('source passes', () => {
  test('when server and kernel both see the client Pod\'s own address', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass' })
    expect(result?.evidence.filter(({ witness }) => witness === 'server' || witness === 'conntrack').map(({ observed }) => observed)).toEqual(expect.arrayContaining([
      'lab/hello-a was asked from 10.244.1.10', 'lab/hello-b was asked from 10.244.1.10', expect.stringMatching(/^on b: 10\.244\.1\.10:/u)]))
  })
  test('on the kernel\'s word alone when the server\'s image is foreign and claims anything', async () => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, image: 'nginx' })
    lab.network.weather.says = (_pod, body) => ({ ...body, remote: '6.6.6.6:1', nonce: '' })
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('as client-node when every Pod is hidden behind its node', async () => {
    lab.network.weather.masqueraded = true
    expect(await look({ expect: 'client-node' })).toMatchObject({ verdict: 'pass' })
  })
  test('leaves out requests that a Pod answered itself: those are translated by design', async () => {
    expect(await look({ from: { pod: { name: 'hello-a' } } })).toMatchObject({ verdict: 'pass' })
  })
})

describe('source fails', () => {
  test('when masquerading is too wide, both witnesses agreeing', async () => {
    lab.network.weather.masqueraded = true
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Requests of Pod lab/client arrive from 172.20.0.3 (server and kernel agree), not from 10.244.1.10.' })
  })
  test('when the witnesses disagree, naming both', async () => {
    lab.network.weather.serverHears = '10.244.1.99'
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^The witnesses disagree: .*10\.244\.1\.99.*10\.244\.1\.10/u) })
  })
  test('for a client on its node\'s network, which has no address of its own', async () => {
    lab.pod({ name: 'client', node: 'a', ip: '172.20.0.3', hostNetwork: true, command: ['sleep'] })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('hostNetwork') })
  })
  test('as client-node when the Pod\'s own address arrives', async () => { expect(await look({ expect: 'client-node' })).toMatchObject({ verdict: 'fail' }) })
  test('when nobody who can be believed saw it', async () => {
    lab.pod({ name: 'nginx', node: 'a', ip: '10.244.1.30', image: 'nginx' })
    lab.network.weather.untracked = true
    expect(await look({ to: { pod: { name: 'nginx' }, port: 8080 } })).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^Nobody who can be believed/u) })
  })
})
