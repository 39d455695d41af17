import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const check = { kind: 'endpoints', service: 'hello' } as const
const look = async (over: object = {}) => (await lab.verify([{ ...check, ...over }]))[0]
const slice = (name: string, addresses: string[], over: object = {}, by = 'endpointslice-controller.k8s.io') => lab.kube.put({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ name: '', port: 8080, protocol: 'TCP' }], endpoints: addresses.map((ip) => ({ addresses: [ip] })),
  metadata: { name, namespace: 'lab', labels: { 'kubernetes.io/service-name': 'hello', 'endpointslice.kubernetes.io/managed-by': by } }, ...over,
})
const service = (spec: object) => lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', namespace: 'lab' }, spec: { clusterIP: '10.96.1.1', selector: { app: 'hello' }, ports: [{ port: 80, targetPort: 8080 }], ...spec } })
const withPort = (name: string, ip: string, number: number, portName = 'web') => {
  const pod = lab.pod({ name, node: 'a', ip, labels: { app: 'hello' } })
  lab.kube.put({ ...pod, spec: { ...(pod.spec as object), containers: [{ name: 'main', image: 'hoplab/echo:1', ports: [{ name: portName, containerPort: number }] }] } })
}

describe('endpoints pass', () => {
  test('when the slices list exactly the Ready Pods of the selector', async () => {
    expect(await look({ backendCount: 2 })).toMatchObject({ verdict: 'pass', why: 'Service lab/hello has exactly the endpoints it should: port 80 → 10.244.1.11:8080, 10.244.2.11:8080.' })
  })
  test('where `ready` is left out, which means ready, and an endpoint stands in two slices', async () => {
    slice('hello-abcde', ['10.244.1.11', '10.244.2.11'])
    slice('hello-fghij', ['10.244.2.11'])
    expect(await look()).toMatchObject({ verdict: 'pass' })
  })
  test('with a named port that is another number in every Pod', async () => {
    withPort('hello-a', '10.244.1.11', 8080)
    withPort('hello-b', '10.244.2.11', 9090)
    service({ ports: [{ port: 80, targetPort: 'web' }] })
    slice('hello-abcde', ['10.244.1.11'])
    slice('hello-fghij', ['10.244.2.11'], { ports: [{ name: '', port: 9090, protocol: 'TCP' }] })
    expect(await look()).toMatchObject({ verdict: 'pass' })
    expect(await look({ backendPort: 'web' })).toMatchObject({ verdict: 'pass' })
    expect(await look({ backendPort: 8080 })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('should be listed at 10.244.2.11:8080 and is not, but at 10.244.2.11:9090') })
  })
  test('of a headless Service, and of one with two ports', async () => {
    service({ clusterIP: 'None' })
    expect(await look()).toMatchObject({ verdict: 'pass' })
    service({ ports: [{ name: 'http', port: 80, targetPort: 8080 }, { name: 'admin', port: 81, targetPort: 8081 }] })
    lab.network.syncSlices()
    expect(await look()).toMatchObject({ verdict: 'pass', why: expect.stringContaining('port 81 → 10.244.1.11:8081') })
  })
  test('without selector, by slices kept by hand, only where the author allows it and names the Pods', async () => {
    lab.kube.objects.delete('discovery.k8s.io/v1 EndpointSlice lab/hello-abcde')
    lab.service('hello', '10.96.1.1', undefined)
    slice('by-hand', ['10.244.1.11', '10.244.2.11'], {}, 'me')
    const backends = { labels: { app: 'hello' } }
    expect(await look({ backends, handMade: true })).toMatchObject({ verdict: 'pass' })
    expect(await look({ backends })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('not kept by the EndpointSlice controller') })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Service lab/hello has no selector, so nothing says which Pods stand behind it.' })
  })
  test('with no endpoint, only where none is asked for', async () => {
    lab.service('hello', '10.96.1.1', { app: 'nobody' })
    expect(await look({ backendCount: 0 })).toMatchObject({ verdict: 'pass' })
  })
})

describe('endpoints fail', () => {
  test('on a selector that picks nobody: none of none is not enough', async () => {
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Service lab/hello finds no Ready Pods by its selector app=helo; asked is at least one.' })
  })
  test('on the right Pods at a wrong port', async () => {
    lab.service('hello', '10.96.1.1', { app: 'hello' }, 8081)
    expect(await look({ backendPort: 8080 })).toMatchObject({ verdict: 'fail', firstBrokenHop: 'Service lab/hello', why: expect.stringContaining('should be listed at 10.244.1.11:8080 and is not, but at 10.244.1.11:8081') })
  })
  test('on the wrong Pods, though as many', async () => {
    lab.pod({ name: 'other', node: 'b', ip: '10.244.2.40', labels: { app: 'other' } })
    expect(await look({ backends: { labels: { app: 'other' } }, backendCount: 1 })).toMatchObject({ verdict: 'fail' })
  })
  test('on a slice made by hand beside the controller\'s', async () => {
    lab.pod({ name: 'mole', node: 'b', ip: '10.244.2.66', labels: { app: 'mole' } })
    slice('by-hand', ['10.244.2.66'], {}, 'me')
    expect(await look({ handMade: true })).toMatchObject({ verdict: 'fail', why: expect.stringContaining('10.244.2.66:8080 is listed and should not be; it is Pod lab/mole') })
    expect(await look()).toMatchObject({ verdict: 'fail' })
  })
  test('on an unready Pod that is published, and says why; unless that is asked for', async () => {
    lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready: false })
    service({ publishNotReadyAddresses: true })
    slice('hello-abcde', ['10.244.1.11', '10.244.2.11'])
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/lab\/hello-b, which is not Ready \(publishNotReadyAddresses is set\)/u) })
    expect(await look({ unready: true })).toMatchObject({ verdict: 'pass' })
  })
  test('when a Pod lacks the named port, though both sides leave it out', async () => {
    withPort('hello-a', '10.244.1.11', 8080)
    withPort('hello-b', '10.244.2.11', 8080, 'wep')
    service({ ports: [{ port: 80, targetPort: 'web' }] })
    slice('hello-abcde', ['10.244.1.11'])
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Pod lab/hello-b has no port called web, so the Service cannot send to it.' })
  })
  test('when a Ready Pod is not listed', async () => {
    lab.pod({ name: 'hello-c', node: 'b', ip: '10.244.2.12', labels: { app: 'hello' } })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('Pod lab/hello-c should be listed') })
  })
  test('without the Service, without the port, or when it is only a name', async () => {
    expect(await look({ service: 'gone' })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/gone.' })
    expect(await look({ port: 81 })).toMatchObject({ verdict: 'fail', why: 'Service lab/hello has no port 81; it has 80.' })
    service({ type: 'ExternalName' })
    expect(await look()).toMatchObject({ verdict: 'fail' })
  })
})
