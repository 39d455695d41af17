import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const look = async (over: object = {}) => (await lab.verify([{ kind: 'transfer', from: client, to: hello, ...over }]))[0]
const moves = (change: object) => { lab.network.weather.moves = (sent, asked) => ({ arrived: sent, received: asked, spoiltThere: false, spoiltBack: false, ...change }) }

describe('transfer passes', () => {
  test('when a mebibyte arrives whole both ways, and tells both hashes', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: '2 of 2 connections from Pod lab/client to Service lab/hello:80 carried 1048576 bytes each way unchanged.' })
    expect(result?.evidence.slice(0, 2)).toMatchObject([
      { witness: 'client', observed: 'OK: 1048576 bytes sent, 1048576 received, SHA-256 bb0000000000…', expected: 'OK: 1048576 both ways, SHA-256 bb0000000000…' },
      { witness: 'server', observed: expect.stringContaining('1048576 bytes arrived, SHA-256 aa0000000000…'), expected: '1048576 bytes, SHA-256 aa0000000000…' },
    ])
  })
  test('to every Pod of a reference', async () => {
    expect(await look({ to: { pod: { labels: { app: 'hello' } }, port: 8080 }, count: 1, bytes: 2 ** 24 })).toMatchObject({ verdict: 'pass', why: expect.stringContaining('2 of 2 connections') })
  })
})

test.each(['a', 'b'])('transfer passes by the NodePort of node %s, the client\'s own or another', async (node) => {
  lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', namespace: 'lab' }, spec: { type: 'NodePort', clusterIP: '10.96.1.1', selector: { app: 'hello' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] } })
  lab.network.syncSlices()
  expect(await look({ to: { ...hello, via: 'node-port', node } })).toMatchObject({ verdict: 'pass' })
})

describe('transfer fails', () => {
  test.each([
    ['only small packets get through', { arrived: 0, received: 0, ends: 'TIMEOUT' }, /^Small requests between Pod lab\/client and Service lab\/hello:80 are answered, and one with 1048576 bytes each way stays at .* \(TIMEOUT\): large packets are lost, .* MTU/u],
    ['only the request is large', { received: 512 }, /512 of 1048576 bytes came back/u],
    ['only the answer is large', { arrived: 512 }, /512 of 1048576 bytes arrived at the server/u],
    ['other bytes arrive', { spoiltThere: true }, /arrived at the server are not those that were sent/u],
    ['other bytes come back', { spoiltBack: true }, /came back are not those that the server sent/u],
    ['the connection is cut', { received: 9_000, ends: 'RESET' }, /9000 received \(RESET\)/u],
  ])('when %s', async (_name, change, why) => {
    moves(change)
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
    expect((await lab.verify([{ kind: 'reach', from: client, to: hello }]))[0]?.verdict).toBe('pass')
  })
  test('when a server announces what it was not asked to send', async () => {
    lab.rewrite = (_node, _argv, printed) => ({ ...printed, stdout: printed.stdout.replaceAll(/"announcedSha256":"bb/gu, '"announcedSha256":"cc') })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('the server sent other bytes than it was asked for') })
  })
  test('when a server echoes the announcement of bytes that never came', async () => {
    lab.rewrite = (_node, _argv, printed) => ({ ...printed, stdout: printed.stdout.replaceAll(/"receivedSha256":"bb/gu, '"receivedSha256":"cc') })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('came back are not those') })
  })
  test('when the server is not the lab\'s: its own words on what arrived do not count', async () => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, command: ['python3', 'liar.py'] })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining("does not run the lab's server") })
  })
  test('as unreachable, not as too large, when small requests are not answered either', async () => {
    lab.network.weather.between = () => 'TIMEOUT'
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^3 of 3 connections .* got no answer in time/u) })
  })
  test('naming the path, when that is dead', async () => {
    lab.network.weather.brokenPaths.add('a>b')
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b' })
  })
})

test.each([[2 ** 20 - 1], [2 ** 24 + 1]])('transfer of %i bytes is refused', async (bytes) => { await expect(look({ bytes })).rejects.toThrow('bytes') })
