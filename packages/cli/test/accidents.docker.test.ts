import { Deadline, poll } from '@hoplab/core'
import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { folderStore } from '../src/folder-store.ts'
import { leftovers } from './leftovers.ts'
import { typed, type Typed } from './typed-command.ts'

const lab = 't-accidents'
const namespace = 'first-packet'
/** Types a command in the lab. */
const hoplab = (...args: string[]): Promise<Typed> => typed(args, { env: { HOPLAB_LAB: lab } })

/** Types a command that must go well, and returns what it printed. */
async function done(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await hoplab(...args)
  expect(exitCode, stderr).toBe(0)
  return stdout.trim()
}

const kubectl = (...args: string[]): Promise<string> => done('kubectl', ...args)
const check = async (): Promise<ReturnType<typeof labResult.parse>> => labResult.parse(JSON.parse((await hoplab('check', 'mend', '--json')).stdout))
const mend = (): Promise<string> => kubectl('patch', 'service', 'hello', '-n', namespace, '-p', '{"spec":{"selector":{"app":"hello"},"ports":[{"port":80,"targetPort":8080}]}}')

/** Points, what a check says against each thing that it is not green for, and what it could not look at. */
async function looked(): Promise<{ verdict: string; points: number; said: Record<string, string>; unseen: string[] }> {
  const { verdict, points, checks } = await check()
  return { verdict, points, unseen: checks.filter((one) => one.verdict === 'inconclusive').map(({ id }) => id), said: Object.fromEntries(checks.filter((one) => one.verdict !== 'pass').map(({ id, why, firstBrokenHop }) => [id, `${why} ${firstBrokenHop ?? ''}`])) }
}

/** What a check says after an accident, which it must be able to look at, and be red for. */
async function said(): Promise<Record<string, string>> {
  const seen = await looked()
  expect(seen, JSON.stringify(seen)).toMatchObject({ verdict: 'fail', unseen: [] })
  return seen.said
}

/** The lab is as handed over and works: nothing passes before it is mended, and all afterwards, less the hint that was paid for. What was answered in other steps is there. */
async function backAsHandedOver(): Promise<void> {
  expect(await looked()).toMatchObject({ verdict: 'fail', points: 0, unseen: [] })
  await mend()
  expect(await looked()).toEqual({ verdict: 'pass', points: 4, said: {}, unseen: [] })
}

async function resetInPlace(): Promise<void> {
  expect(await done('reset', 'mend')).toContain('as it was handed over')
  await backAsHandedOver()
  expect((await folderStore(lab).read())?.steps).toMatchObject({ mend: { hintsTaken: 2 }, 'what-changed': { answers: { 'sent-to': '10.96.0.99' } } })
}

/** Lets a DaemonSet have no Pod on a node, and waits until it has none. */
async function takeFrom(node: string, daemonSet: string, home: string, label: string): Promise<void> {
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: [node] }] }]
  await kubectl('patch', 'daemonset', daemonSet, '-n', home, '-p', JSON.stringify({ spec: { template: { spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } } } }))
  using deadline = Deadline.start(`${daemonSet} gone from ${node}`, 120_000)
  const there = (): Promise<string> => kubectl('get', 'pods', '-n', home, '-l', label, '--field-selector', `spec.nodeName=${node}`, '-o', 'name')
  expect((await poll(there, { deadline, until: (names) => names === '', everyMs: 500 })).ok).toBe(true)
}

const positions = ['worker-1', 'worker-2']
/** The node that the client is on, and the other worker. */
async function workers(): Promise<{ near: string; far: string; farPosition: string }> {
  const near = await kubectl('get', 'pod', 'client', '-n', namespace, '-o', 'jsonpath={.spec.nodeName}')
  const names = await Promise.all(positions.map(async (position) => await done('shell', `node/${position}`, 'hostname')))
  const other = names.findIndex((name) => name !== near)
  return { near, far: names[other] ?? '', farPosition: positions[other] ?? '' }
}

beforeAll(async () => {
  await hoplab('down')
  await done('up', 'first-packet', '--start-over')
  await done('hint', 'mend')
  await done('hint', 'mend', '--yes')
  await done('answer', 'what-changed', 'sent-to=10.96.0.99')
})
afterAll(async () => { await hoplab('down') })

describe('a check says what is gone, and a reset brings it back in place', () => {
  beforeEach(async () => { await mend() })

  test('the namespace', async () => {
    await kubectl('delete', 'namespace', namespace)
    expect(await said()).toEqual({
      'name-resolves': expect.stringContaining('There is no Pod client in namespace first-packet'), 'service-answers': expect.stringContaining('There is no Pod client in namespace first-packet'),
      'both-backends': expect.stringContaining('and there are 0.'),
    })
    await resetInPlace()
  })

  test('Service and Deployment under their names', async () => {
    const address = await kubectl('get', 'service', 'hello', '-n', namespace, '-o', 'jsonpath={.spec.clusterIP}')
    await kubectl('delete', 'service,deployment', 'hello', '-n', namespace)
    await kubectl('create', 'service', 'clusterip', 'hallo', '--tcp=80:8080', '-n', namespace)
    expect(await said()).toMatchObject({ 'name-resolves': expect.stringContaining('There is no Service first-packet/hello.'), 'service-answers': expect.stringContaining('There is no Service first-packet/hello.') })
    await resetInPlace()
    expect(await kubectl('get', 'services', '-n', namespace, '-o', 'jsonpath={.items[*].metadata.name} {.items[*].spec.clusterIP}')).toBe(`hello ${address}`)
  })

  test('kube-proxy on the node of the client, when Pods change afterwards', async () => {
    const { near } = await workers()
    await takeFrom(near, 'kube-proxy', 'kube-system', 'k8s-app=kube-proxy')
    await kubectl('delete', 'pods', '-l', 'app=hello', '-n', namespace)
    expect((await said())['service-answers']).toMatch(/kube-proxy on /u)
    await resetInPlace()
  })

  test('the network plugin on the other node: its agent, and what the container runtime reads of it', async () => {
    const { far, farPosition } = await workers()
    await takeFrom(far, 'kube-flannel-ds', 'kube-flannel', 'app=flannel')
    await done('shell', `node/${farPosition}`, 'rm', '/etc/cni/net.d/10-flannel.conflist')
    using deadline = Deadline.start('the node is NotReady', 120_000)
    const ready = (): Promise<string> => kubectl('get', 'node', far, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
    expect((await poll(ready, { deadline, until: (status) => status === 'False', everyMs: 500 })).ok).toBe(true)
    await kubectl('delete', 'pods', '-l', 'app=hello', '-n', namespace, '--wait=false')
    // Its cable cannot be taken away without the plugin either, so the Pod that was there does not end.
    expect((await said())['both-backends']).toMatch(new RegExp(`and there is 1: node ${farPosition} is not Ready: .*cni plugin not initialized; .* is on no node yet \\(`, 'u'))
    await resetInPlace()
    expect(await ready()).toBe('True')
  })
})

test('what cannot be put back in place: reset says that the lab must be made anew, with the difference, and hints stay paid for', async () => {
  await mend()
  await done('shell', 'toolbox/worker-1', 'ip', 'link', 'set', 'flannel.1', 'down')
  expect(Object.values(await said()).join(' ')).toContain('worker-1')
  const { exitCode, stdout } = await hoplab('reset', 'mend', '--json')
  expect({ exitCode, ...JSON.parse(stdout) as object }).toMatchObject({
    exitCode: 1, error: { code: 'HOP_RECREATE_NEEDED', what: expect.stringMatching(/recreate needed: .*flannel\.1/u), fix: expect.stringContaining(`hoplab up first-packet --lab ${lab} --recreate`) },
  })
  await done('up', 'first-packet', '--recreate')
  await backAsHandedOver()
})

test('down leaves nothing of it', async () => {
  await done('down')
  expect(await leftovers(lab)).toEqual([])
})
