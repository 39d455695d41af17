import { beforeEach, describe, expect, test } from 'vitest'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'hello-c', node: 'a', ip: '10.244.1.12', labels: { app: 'hello' } })
})
const look = async (over: object = {}) => {
  lab.network.syncSlices()
  return (await lab.verify([{ kind: 'mesh', pods: { labels: { app: 'hello' } }, port: 8080, podCount: 3, ...over }]))[0]
}
const rows = (result: Awaited<ReturnType<typeof look>>) => result?.evidence.filter(({ witness }) => witness === 'client').map(({ observed }) => observed)

describe('mesh passes', () => {
  test('when each of n×(n−1) pairs and every node is answered, and tells every cell', async () => {
    const result = await look()
    expect(result).toMatchObject({ verdict: 'pass', points: 1, why: '15 of 15 cells are OK: 3 Pods on 2 nodes reach each other, and k, a, b reach each of them.' })
    expect(rows(result)).toEqual([
      'Pod lab/hello-a → lab/hello-b OK, lab/hello-c OK', 'Pod lab/hello-b → lab/hello-a OK, lab/hello-c OK', 'Pod lab/hello-c → lab/hello-a OK, lab/hello-b OK',
      'node k → lab/hello-a OK, lab/hello-b OK, lab/hello-c OK', 'node a → lab/hello-a OK, lab/hello-b OK, lab/hello-c OK', 'node b → lab/hello-a OK, lab/hello-b OK, lab/hello-c OK',
    ])
  })
  test('among Pods alone', async () => { expect(await look({ fromNodes: false })).toMatchObject({ verdict: 'pass', why: '6 of 6 cells are OK: 3 Pods on 2 nodes reach each other.' }) })
  test('with one batch per node', async () => {
    await look()
    expect(lab.execs.filter((exec) => exec.endsWith('hoplab-probe')).sort()).toEqual(['a hoplab-probe', 'b hoplab-probe', 'k hoplab-probe'])
  })
  test('by the kernel\'s record, when the Pods run another server', async () => {
    for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11'], ['hello-c', 'a', '10.244.1.12']] as const) lab.pod({ name, node, ip, labels: { app: 'hello' }, command: ['nginx'] })
    expect(await look()).toMatchObject({ verdict: 'pass' })
    lab.network.weather.untracked = true
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('OTHER (nothing but the server itself says who answered') })
  })
})

describe('mesh fails', () => {
  test('on one bad cell of all, naming it and how it ended', async () => {
    lab.network.weather.between = (from, to) => (from === 'hello-b' && to === 'hello-c' ? 'REFUSED' : undefined)
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', points: 0, why: '1 of 15 cells are not OK: Pod lab/hello-b → lab/hello-c REFUSED.' })
    expect(rows(result)?.[1]).toBe('Pod lab/hello-b → lab/hello-a OK, lab/hello-c REFUSED')
  })
  test('naming the first of many, and the path where that is dead', async () => {
    lab.network.weather.brokenPaths.add('a>b').add('b>a').add('k>b')
    const result = await look()
    expect(result).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^8 of 15 cells are not OK: (?:[^,]+ → lab\/hello-. TIMEOUT(?:, | and )){4}4 more\. Not even the control Pods/u) })
    expect(result?.firstBrokenHop).toMatch(/^path . → .$/u)
  })
  test('when only the control plane does not get through', async () => {
    lab.network.weather.between = (from) => (from === 'k' ? 'UNREACHABLE' : undefined)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^3 of 15 cells are not OK: node k → lab\/hello-a UNREACHABLE/u) })
    expect(await look({ fromNodes: false })).toMatchObject({ verdict: 'pass' })
  })
  test('when a node is silently absent', async () => {
    await lab.kube.delete({ apiVersion: 'v1', kind: 'Node', name: 'k' }, { throwIfOver: () => {} } as never)
    expect(await look()).toMatchObject({ verdict: 'fail', firstBrokenHop: 'node k', why: 'Node k is not in the cluster any more, so the matrix lacks its row.' })
  })
  test('when a node has no row', async () => {
    lab.kube.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'late' } })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('Node late is none') })
  })
  test('when a Pod is absent, whatever the others answer', async () => {
    lab.pod({ name: 'hello-c', node: 'a', ip: '10.244.1.12', labels: { app: 'hello' }, waiting: 'ImagePullBackOff' })
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'Pod lab/hello-c is not running: ImagePullBackOff.' })
    await lab.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'hello-c', namespace: 'lab' }, { throwIfOver: () => {} } as never)
    expect(await look()).toMatchObject({ verdict: 'fail', why: 'There are 2 Pods for the matrix, and 3 are needed: lab/hello-a, lab/hello-b.' })
  })
  test('when all Pods are on one node, or on the host\'s network', async () => {
    lab.pod({ name: 'hello-b', node: 'a', ip: '10.244.1.13', labels: { app: 'hello' } })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining('are on a only; 2 nodes are needed') })
    expect(await look({ nodeCount: 1 })).toMatchObject({ verdict: 'pass' })
    lab.pod({ name: 'hello-b', node: 'b', ip: '172.20.0.4', labels: { app: 'hello' }, hostNetwork: true })
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringContaining("Pod lab/hello-b is on its node's network") })
  })
  test('when somebody answers in place of the Pod that was asked', async () => {
    lab.network.weather.says = (pod, body) => (pod === 'hello-b' ? { ...body, nonce: 'recorded-yesterday' } : body)
    expect(await look()).toMatchObject({ verdict: 'fail', why: expect.stringMatching(/^5 of 15 cells are not OK: .* OTHER \(the answer does not carry this request's nonce/u) })
  })
})

test('mesh is inconclusive without the control Pod of a node', async () => {
  await lab.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'control-b', namespace: 'hoplab-control' }, { throwIfOver: () => {} } as never)
  expect(await look()).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('control Pod') })
})
