import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, type FakePod, helloLab } from '../testing/index.ts'

let lab: FakeLab
const probed: FakePod = { name: 'probed', node: 'a', ip: '10.244.1.20', readinessProbe: { httpGet: { path: '/healthz', port: 8080 } } }
beforeEach(() => {
  lab = helloLab()
  lab.pod(probed)
})
const look = async (over: object = {}) => (await lab.verify([{ kind: 'kubelet', pods: { name: 'probed' }, ...over }]))[0]

describe('kubelet passes', () => {
  test('when the probe succeeds, the node asks from its own address and the Pod reaches it', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: 'Pod lab/probed: the kubelet\'s probe succeeds, the node asks from an address of its own, and the Pod reaches its node.' })
    expect(result?.evidence.map(({ observed }) => observed)).toEqual(expect.arrayContaining([
      'Running and Ready by httpGet at port 8080; every container started; a Ready True', 'lab/probed was asked from 172.20.0.3', 'a connection to 172.20.0.3:10250: OK', expect.stringMatching(/replies 172\.20\.0\.3:10250 → 10\.244\.1\.20:\d+$/u), 'a → a OK']))
  })
  test('for a probe by tcpSocket, at a port given by the author', async () => {
    lab.pod({ ...probed, readinessProbe: { tcpSocket: { port: 9000 } } })
    expect(await look({ port: 8080 })).toMatchObject({ verdict: 'pass' })
  })
  test('at another port of the node\'s own', async () => {
    lab.network.weather.ownNode = (port) => ({ class: port === 22 ? 'OK' : 'REFUSED' })
    expect(await look({ nodePort: 22 })).toMatchObject({ verdict: 'pass' })
  })
  test('from any address of the node, not just its InternalIP', async () => {
    lab.network.weather.serverHears = '10.244.1.1'
    lab.network.weather.untracked = true
    lab.rewrite = (_node, argv, printed) => (argv.join(' ') === 'ip -j address' ? { exitCode: 0, stdout: '[{"addr_info":[{"local":"172.20.0.3","scope":"global"}]},{"addr_info":[{"local":"10.244.1.1","scope":"global"}]}]', stderr: '' } : printed)
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
})

describe('kubelet fails', () => {
  test.each([
    ['a Pod that is not Ready', () => { lab.pod({ ...probed, ready: false }) }, /probe of Pod lab\/probed \(httpGet at port 8080\) does not succeed/u],
    ['a probe that runs a program', () => { lab.pod({ ...probed, readinessProbe: { exec: {} } }) }, /asks it nothing over the network/u],
    ['no probe', () => { const { readinessProbe: _, ...bare } = probed; lab.pod(bare) }, /no readiness probe by httpGet or tcpSocket/u],
    ['a probe of another host', () => { lab.pod({ ...probed, readinessProbe: { httpGet: { port: 80, host: '1.1.1.1' } } }) }, /asks 1\.1\.1\.1, not the Pod/u],
    ['a probe of a named port that nobody has', () => { lab.pod({ ...probed, readinessProbe: { httpGet: { port: 'web' } } }) }, /asks a port web, which no container of it has/u],
    ['a Pod on its node\'s network', () => { lab.pod({ ...probed, ip: '172.20.0.3', hostNetwork: true }) }, /hostNetwork/u],
    ['a kubelet that no longer reports, whose last word still stands', () => { lab.cni.ready('a', 'False', 'container runtime is down') }, /kubelet of a does not report that it is ready \(False: container runtime is down\), so its word on Pods is an old one/u],
    ['a node that the API does not know', () => { lab.kube.objects.delete('v1 Node /a') }, /does not report|no condition/u],
    ['a node that is refused', () => { lab.network.weather.listening.set('probed', [9]) }, /connections from node a to Pod lab\/probed, port 8080 were refused/u],
    ['a request that arrives from another node\'s address', () => { lab.network.weather.serverHears = '172.20.0.4'; lab.network.weather.untracked = true }, /arrive from 172\.20\.0\.4, not from 172\.20\.0\.3/u],
    ['witnesses that disagree', () => { lab.network.weather.serverHears = '172.20.0.4' }, /witnesses disagree/u],
    ['a Pod that its node does not answer', () => { lab.network.weather.ownNode = () => ({ class: 'TIMEOUT' }) }, /does not reach its own node a at 172\.20\.0\.3:10250: TIMEOUT/u],
    ['a node whose place another takes', () => { lab.network.weather.ownNode = () => ({ class: 'OK', answersFrom: '10.244.1.11' }) }, /10\.244\.1\.11:10250 answers in its place/u],
  ])('on %s', async (_name, harm, why) => {
    harm()
    expect(await look()).toMatchObject({ verdict: 'fail', points: 0, why: expect.stringMatching(why) })
  })
  test('when a container has not started', async () => {
    const pod = structuredClone(lab.pod(probed)) as unknown as { status: { containerStatuses: { started: boolean }[] } }
    for (const status of pod.status.containerStatuses) status.started = false
    lab.kube.put(pod as never)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('has not started') })
  })
})

describe('kubelet is inconclusive', () => {
  test('without the control Pod of the node', async () => {
    await lab.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'control-a', namespace: 'hoplab-control' }, { throwIfOver: () => {} } as never)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod') })
  })
  test.each([[127, ''], [0, ''], [0, '[{"addr']])('when the node\'s addresses cannot be read: exit %i, "%s"', async (exitCode, stdout) => {
    lab.rewrite = (_node, argv, printed) => (argv.join(' ') === 'ip -j address' ? { exitCode, stdout, stderr: '' } : printed)
    expect(await look()).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
})
