import { beforeEach, describe, expect, test } from 'vitest'
import { client, type FakeLab, hello, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const reach = { kind: 'reach', from: client, to: hello } as const
const source = { kind: 'source', from: client, to: hello, expect: 'client-pod' } as const
const distribution = { kind: 'distribution', from: client, to: hello, backends: { labels: { app: 'hello' } }, backendCount: 2 } as const
const twins = [
  ['reach', { ...reach, to: { nobody: 'pod-ip', port: 8080 } }, reach], ['source', { ...source, expect: 'client-node' }, source],
  ['distribution', { ...distribution, backendCount: 1, backends: { name: 'hello-a' } }, distribution],
] as const
const look = async (broken: object, control: object) => (await lab.verify([{ kind: 'negative', broken, control }]))[0]

describe('a broken twin', () => {
  test.each(twins)('of %s goes red, and that passes', async (_kind, broken, control) => {
    expect(await look(broken, control)).toMatchObject({ verdict: 'pass', why: expect.stringMatching(/^The broken twin goes red, as it must: /u) })
  })
  test.each(twins)('of %s that is not broken fails: then a pass proves nothing', async (kind, _broken, control) => {
    expect(await look(control, control)).toMatchObject({ verdict: 'fail', why: expect.stringContaining(`a pass of "${kind}" proves nothing here`) })
  })
  test.each(twins)('of %s that is red because everything is, fails', async (_kind, broken, control) => {
    lab.network.weather.between = () => 'TIMEOUT'
    expect(await look(broken, control)).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^The check in order must pass/u) })
  })
  test('that is not there is none', async () => {
    expect(await look({ ...reach, to: { service: 'gone', port: 80 } }, reach)).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/gone.' })
    expect(await look({ ...reach, from: { pod: { name: 'gone' } } }, reach)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('to ask from') })
  })
  test('at a headless Service needs an endpoint to be asked at: a name that gives no address is red for that reason alone', async () => {
    const note = (addresses: string[]): void => {
      lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'noted', namespace: 'lab' }, spec: { clusterIP: 'None', ports: [{ port: 8080 }] } })
      lab.kube.put({
        apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports: [{ port: 8080, protocol: 'TCP' }], endpoints: [{ addresses, conditions: { ready: true } }],
        metadata: { name: 'noted', namespace: 'lab', labels: { 'kubernetes.io/service-name': 'noted', 'endpointslice.kubernetes.io/managed-by': 'by-hand' } },
      })
    }
    const noted = { ...reach, to: { service: 'noted', port: 8080 }, count: 1 }
    note(['10.244.1.250'])
    lab.names?.set('noted', ['10.244.1.250'])
    expect(await look(noted, reach)).toMatchObject({ verdict: 'pass' })
    note([])
    lab.names?.set('noted', [])
    expect(await look(noted, reach)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('no address at which the broken twin could be asked') })
  })
  test('that cannot be looked at is inconclusive, not red', async () => {
    lab.goneToolboxes.add('a')
    expect(await look(twins[0][1], reach)).toMatchObject({ verdict: 'inconclusive' })
  })
})
