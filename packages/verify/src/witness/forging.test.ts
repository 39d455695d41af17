import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const viaIp = { ...hello, via: 'cluster-ip' } as const
const distribution = { kind: 'distribution', from: client, to: viaIp, backends: { labels: { app: 'hello' } }, backendCount: 2 }
const source = { kind: 'source', from: client, to: viaIp, expect: 'client-pod' }
const reach = { kind: 'reach', from: client, to: viaIp, count: 40 }
const look = async (check: { kind: string }) => (await lab.verify([check]))[0]

describe('a client that reuses its few source ports', () => {
  test.each([distribution, source, reach, { ...reach, count: 2 }])('leaves no word to stand alone: $kind is red and names the port range', async (check) => {
    lab.network.weather.ports = check === distribution ? 20 : 1
    const result = await look(check)
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringContaining('net.ipv4.ip_local_port_range') })
    expect(result?.evidence[0]).toMatchObject({ witness: 'conntrack', observed: expect.stringMatching(/^\d+ of \d+ records overwritten$/u) })
  })
  test.each([[15, 'pass'], [14, 'fail']])('is an honest one whose checks met at an address by chance while half of few records stand: %i ports for 20 connections, %s', async (ports, verdict) => {
    lab.network.weather.ports = ports
    const twenty = { ...reach, count: 20 }
    expect(await look(twenty)).toMatchObject({ verdict })
  })
  test('does not let a server claim an address that no record shows answering', async () => {
    lab.network.weather.weights.set('hello-b', 0)
    lab.network.weather.ports = 495
    // Whenever a port comes again within one batch, hello-a says that it is hello-b.
    const seen = new Set<string>()
    lab.network.weather.says = (_pod, body) => {
      const port = `${String(body.nonce).split('.')[0]} ${body.remote}`
      return seen.has(port) || !seen.add(port) ? { ...body, pod: 'hello-b', local: '10.244.2.11:8080' } : body
    }
    expect(await look(distribution)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^lab\/hello-b answered none of/u) })
  })
  test('and has none left at all is red, not a failure of ours', async () => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' ? { ...printed, stdout: printed.stdout.replaceAll('"class":"OK"', '"class":"ERROR","errno":"EADDRNOTAVAIL"') } : printed)
    expect(await look(reach)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('net.ipv4.ip_local_port_range') })
  })
})

test.each([distribution, reach])('an endpoint that answers from another port is somebody else: $kind', async (check) => {
  lab.network.weather.answersFrom = 9_999
  expect(await look(check)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/the kernel says that port 9999 of 10\.244\.[12]\.11 answered, and the endpoint there is port 8080/u) })
})

describe('who spoke is said as it is', () => {
  test('server and kernel', async () => { expect((await look(source))?.why).toMatch(/own address, say server and kernel\.$/u) })
  test('the kernel alone, where the servers are foreign', async () => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, image: 'nginx' })
    expect((await look(source))?.why).toMatch(/own address, says the kernel alone\.$/u)
  })
  test('the server alone, where nothing tracks', async () => {
    lab.network.weather.untracked = true
    expect((await look(source))?.why).toMatch(/own address, says the server alone\.$/u)
  })
})

test.each([{ lifecycle: { postStart: { exec: { command: ['perl', '-e', '…'] } } } }, { readinessProbe: { exec: { command: ['true'] } } }])('a Pod that starts another program from the lab\'s image (%j) is not believed', async (extra) => {
  lab.network.weather.untracked = true
  expect(await look(reach)).toMatchObject({ verdict: 'pass' })
  const pod = lab.kube.objects.get('v1 Pod lab/hello-b')
  const spec = pod?.spec as { containers: object[] }
  lab.kube.put({ ...pod, apiVersion: 'v1', kind: 'Pod', metadata: pod?.metadata ?? { name: '' }, spec: { ...spec, containers: spec.containers.map((one) => ({ ...one, ...extra })) } })
  expect(await look(reach)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('nothing but the server itself says who answered') })
})
