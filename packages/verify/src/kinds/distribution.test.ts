import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const check = { kind: 'distribution', from: client, to: hello, backends: { labels: { app: 'hello' } }, backendCount: 2 } as const
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over } as typeof check]))[0]

describe('distribution passes', () => {
  test('on even shares, printing n, χ², p and what it could have missed', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('500 fresh connections') })
    expect(result?.evidence[0]).toMatchObject({
      witness: 'server', observed: expect.stringMatching(/n = 500, χ² = [\d.]+ with 1 degrees of freedom, p = /u), expected: expect.stringMatching(/χ² ≤ 23\.93 .*off by 16\.\d points/u),
    })
  })
  test.each(['hoplab/echo:1', 'nginx'])('though later connections took over records of earlier ones from the same port (servers: %s)', async (image) => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, image })
    lab.network.weather.ports = 495
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('over one backend, which has nothing to be even with', async () => {
    lab.service('one', '10.96.1.2', { tier: 'one' })
    lab.pod({ name: 'solo', node: 'b', ip: '10.244.2.30', labels: { tier: 'one' } })
    lab.network.syncSlices()
    expect(await look({ to: { service: 'one', port: 80 }, backends: { name: 'solo' }, backendCount: 1 })).toMatchObject({ verdict: 'pass' })
  })
})

describe('distribution fails', () => {
  test('on a wrong number of Ready backends, naming those there are', async () => {
    lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, waiting: 'ErrImageNeverPull' })
    lab.network.syncSlices()
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', why: '2 Ready backends are asked for (Pod with labels app=hello in namespace lab), and there is 1: lab/hello-b is ErrImageNeverPull.' })
    expect(result?.evidence[0]).toMatchObject({ observed: 'lab/hello-a' })
  })
  test('on a backend that no node takes, in the words of the scheduler, and of the kubelet of a node that is not Ready', async () => {
    const why = '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 node(s) didn\'t match pod anti-affinity rules.'
    lab.kube.put({ ...lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' } }), spec: { containers: [] }, status: { phase: 'Pending', conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: `${why} no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.` },
    ] } })
    lab.network.syncSlices()
    expect((await look())?.why).toContain(`and there is 1: lab/hello-b is on no node yet (${why.slice(0, -1)}).`)
    lab.kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'b' }, status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni plugin not initialized' }] } })
    expect((await look())?.why).toMatch(/and there is 1: node \S+ is not Ready: cni plugin not initialized; lab\/hello-b is on no node yet/u)
  })
  test('on a hand-made slice to one Pod, though both are Ready', async () => {
    lab.service('hello', '10.96.1.1', undefined)
    lab.kube.put({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'hello-abcde', namespace: 'lab', labels: { 'kubernetes.io/service-name': 'hello' } },
      ports: [{ name: '', port: 8080 }], endpoints: [{ addresses: ['10.244.1.11'], nodeName: 'a' }] })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'lab/hello-b answered none of 500 requests.' })
  })
  test('on any stranger among the answers, before hundreds of requests', async () => {
    lab.pod({ name: 'canary', node: 'b', ip: '10.244.2.40', labels: { app: 'hello', track: 'new' } })
    lab.network.syncSlices()
    const result = await look({ backends: { labels: { app: 'hello', track: 'old' } }, backendCount: 1 })
    expect(result?.why).toContain('and there are 0')
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello', track: 'old' } })
    expect(await look({ backends: { labels: { track: 'old' } } })).toMatchObject({ verdict: 'fail', why: 'Pod lab/canary answers too, and is none of the expected backends.' })
  })
  test.each([['3:1', 3], ['9:1', 9]])('on %s shares', async (_name, weight) => {
    lab.network.weather.weights.set('hello-a', weight)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/not spread evenly: lab\/hello-a \d+, lab\/hello-b \d+ of 500/u) })
  })
  test('takes the kernel\'s word for who answered, not the name a server claims', async () => {
    lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'other' }, image: 'liar' })
    lab.pod({ name: 'hello-c', node: 'b', ip: '10.244.2.12', labels: { app: 'hello' } })
    lab.service('hello', '10.96.1.1', undefined)
    lab.kube.put({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'hello-abcde', namespace: 'lab', labels: { 'kubernetes.io/service-name': 'hello' } },
      ports: [{ name: '', port: 8080 }], endpoints: [{ addresses: ['10.244.1.11', '10.244.2.11'], nodeName: 'a' }] })
    lab.network.weather.says = (pod, body) => (pod === 'hello-b' ? { ...body, pod: 'hello-c', local: '10.244.2.12:8080' } : body)
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Pod lab/hello-b answers too, and is none of the expected backends.' })
  })
  test('when a backend is dead, without waiting for hundreds of time-outs', async () => {
    lab.network.weather.between = (_from, to) => (to === 'hello-b' ? 'TIMEOUT' : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/of 21 connections/u) })
  })
})

describe('an unready backend', () => {
  const unready = (ready = false) => { lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready }) }
  const only = { backendCount: 1, none: { labels: { app: 'hello' } } }
  test('gets none of enough requests, and the chance to have missed it is printed', async () => {
    unready()
    lab.network.syncSlices()
    const result = await look({ ...only, requests: 20 })
    expect(result).toMatchObject({ verdict: 'pass', why: expect.stringContaining('lab/hello-b, not Ready, got none') })
    expect(result?.evidence).toContainEqual({ witness: 'server', observed: 'lab/hello-b: 0 of 20', expected: '0 of 20; a Pod with an even share would be missed with probability 9.5e-7' })
    expect(result?.durationMs).toBeGreaterThanOrEqual(1_000)
  })
  test('that is published all the same gets requests, which fails and says why', async () => {
    unready()
    const service = lab.kube.objects.get('v1 Service lab/hello')
    if (service) lab.kube.put({ ...service, spec: { ...(service.spec as object), publishNotReadyAddresses: true } })
    expect(await look(only)).toMatchObject({ verdict: 'fail', why: 'Pod lab/hello-b answers too, and is none of the expected backends, and is not Ready (publishNotReadyAddresses is set).' })
  })
  test('that is Ready after all shows nothing', async () => {
    lab.service('hello', '10.96.1.1', { app: 'hello' })
    expect(await look({ ...only, backendCount: 2 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('nothing shows that such a Pod gets no requests') })
  })
  test('that the Service does not select shows nothing', async () => {
    lab.pod({ name: 'idle', node: 'b', ip: '10.244.2.77', labels: { app: 'idle' }, ready: false })
    expect(await look({ none: { name: 'idle' } })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('does not select Pod lab/idle') })
  })
  test('that gets its share only in the second look is a fail', async () => {
    unready()
    lab.network.syncSlices()
    const pod = () => lab.kube.put({
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'late', namespace: 'lab', labels: { 'kubernetes.io/service-name': 'hello' } }, ports: [{ name: '', port: 8080 }], endpoints: [{ addresses: ['10.244.2.11'] }] })
    lab.after(1_000, pod)
    expect(await look({ ...only, hold: 3 })).toMatchObject({ verdict: 'fail', flapped: true })
  })
})
