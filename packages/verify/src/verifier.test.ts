import { Deadline, HOP_INTERRUPTED } from '@hoplab/core'
import { checkSpec } from '@hoplab/model'
import { beforeEach, describe, expect, test } from 'vitest'
import { createVerifier } from './index.ts'
import { beginScript } from './trace/node/scripts.ts'
import { putDns } from './testing/fake-dns.ts'
import { client, type FakeLab, hello, helloLab } from './testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const viaIp = { ...hello, via: 'cluster-ip' } as const
const reach = { kind: 'reach', from: client, to: hello } as const
const everyKind = [
  reach, { kind: 'blocked', from: client, to: { nobody: 'pod-ip', port: 80 }, control: { from: client, to: viaIp } }, { kind: 'source', from: client, to: viaIp, expect: 'client-pod' },
  { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } }, { kind: 'distribution', from: client, to: viaIp, backends: { labels: { app: 'hello' } }, backendCount: 2 },
  { kind: 'answer', key: 'q', truth: { answeredBy: { from: client, to: viaIp } } },
] as const
const answers = { q: 'hello-a' }

const timed = async (checks: Parameters<FakeLab['verify']>[0]) => {
  const start = lab.clock.now()
  const results = await lab.verify(checks)
  return { results, ms: lab.clock.now() - start }
}

describe('inconclusive, never pass or fail', () => {
  const hostile: [string, (line: string) => string][] = [
    ['nothing', () => ''], ['no end line', (out) => out.split('\n').filter((line) => !line.startsWith('{"end"')).join('\n')], ['an end of another batch', (out) => out.replace(/"end":"[^"]+"/u, '"end":"forged"')],
    ['a wrong count', (out) => out.replace(/"count":(\d+)\}\n/u, '"count":999}\n')], ['garbage in between', (out) => `\u001B[2Jrm -rf\n${out}`], ['a forged result line', (out) => `{"id":"0","nonce":"x","class":"OK"}\n${out}`],
    ['a result told twice', (out) => `${out.split('\n')[0]}\n${out}`], ['text after the end', (out) => `${out}bye\n`], ['half of it', (out) => out.slice(0, out.length / 2)],
    ['unknown classes', (out) => out.replaceAll('"class":"OK"', '"class":"FINE"')], ['fewer connections than asked', (out) => out.replace(/"connections":\[\{[^}]*\}\]/u, '"connections":[]')],
    ['connections with foreign nonces', (out) => out.replaceAll(/"nonce":"([0-9a-f-]+)\.(\d+)"/gu, '"nonce":"0.$2"')], ['a mebibyte of noise', (out) => `${'é\u202E'.repeat(2 ** 19)}\n${out}`],
    ['not UTF-8 made text', (out) => `\uFFFD\uFFFD${out}`],
  ]
  test.each(hostile)('when the probe program prints %s', async (_name, spoil) => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' ? { ...printed, stdout: spoil(printed.stdout) } : printed)
    const results = await lab.verify([...everyKind], { answers })
    expect(results.map(({ verdict }) => verdict)).toEqual(everyKind.map(() => 'inconclusive'))
    expect(results.every(({ points, why }) => points === 0 && /^[^\u0000-\u001F\u007F-\u009F\u202E]{1,500}$/u.test(why))).toBe(true)
  })
  test('when it ends with an error, keeping its words', async () => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' ? { exitCode: 2, stdout: '', stderr: 'no \u001B[31msetns\n' } : printed)
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'inconclusive', why: 'hoplab-probe on a ended with 2: no setns.' })
  })
  test('when the kernel\'s records cannot be read', async () => {
    lab.rewrite = (_node, argv, printed) => (argv[0] === 'conntrack' ? { ...printed, exitCode: 1 } : printed)
    expect((await lab.verify([everyKind[2]]))[0]?.verdict).toBe('inconclusive')
  })
  test('when a toolbox is gone', async () => {
    lab.goneToolboxes.add('a')
    expect((await lab.verify([...everyKind], { answers })).map(({ verdict }) => verdict)).toEqual(everyKind.map(() => 'inconclusive'))
  })
  test('when a control Pod is missing, whatever the lab\'s own Pods say', async () => {
    lab.kube.objects.delete('v1 Pod hoplab-control/control-a')
    expect((await lab.verify([...everyKind], { answers })).map(({ verdict }) => verdict)).toEqual(everyKind.map(() => 'inconclusive'))
  })
  const crashing = () => {
    const pod = lab.pod({ name: 'control-b', namespace: 'hoplab-control', node: 'b', ip: '10.244.2.2', ready: false })
    // Between two starts the kubelet says phase Running, with the address of before.
    lab.kube.put({ ...pod, status: { ...(pod.status as object), containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CrashLoopBackOff' } } }] } })
    lab.network.weather.listening.set('control-b', [])
  }
  test('when a control Pod crashes again and again, though its phase is Running', async () => {
    crashing()
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'inconclusive', why: 'The control Pod hoplab-control/control-b on node b is not Ready: CrashLoopBackOff.' })
  })
  test.each(everyKind.filter(({ kind }) => kind !== 'dns').map((check) => [check.kind, check] as const))('when a control Pod on the way of %s is Running but not Ready', async (_kind, check) => {
    lab.pod({ name: 'control-b', namespace: 'hoplab-control', node: 'b', ip: '10.244.2.2', ready: false })
    expect((await lab.verify([check], { answers }))[0]).toMatchObject({ verdict: 'inconclusive', points: 0 })
  })
  test('when a control Pod that is called Ready does not even answer itself', async () => {
    lab.network.weather.listening.set('control-b', [])
    expect((await lab.verify([reach]))[0]).toMatchObject({ verdict: 'inconclusive', why: 'The control Pod on node b does not even answer itself (REFUSED), so it shows nothing about the path from a.' })
  })
  test('when the API server does not answer', async () => {
    lab.kube.list = () => Promise.reject(new Error('connect ECONNREFUSED'))
    expect((await lab.verify([reach, { kind: 'object', object: { apiVersion: 'v1', kind: 'Service', name: 'hello' }, expect: [{ path: 'spec', exists: true }] }])).map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive'])
  })
  test('when a Pod that runs cannot be entered', async () => {
    lab.rewrite = (_node, argv, printed) => (argv.at(-1) === 'hoplab-probe' ? { ...printed, stdout: printed.stdout.replaceAll(/"class":"OK"/gu, '"class":"ERROR"') } : printed)
    expect((await lab.verify([reach]))[0]?.verdict).toBe('inconclusive')
  })
})

describe('fail, not inconclusive', () => {
  test('when the lab\'s namespace was emptied', async () => {
    for (const [key, object] of lab.kube.objects) if (object.metadata.namespace === 'lab') lab.kube.objects.delete(key)
    expect((await lab.verify([...everyKind], { answers })).map(({ verdict }) => verdict)).toEqual(everyKind.map(() => 'fail'))
  })
  test('when control Pods run but no path between nodes works', async () => {
    for (const path of ['a>b', 'b>a']) lab.network.weather.brokenPaths.add(path)
    const [result] = await lab.verify([reach])
    expect(result).toMatchObject({ verdict: 'fail', firstBrokenHop: 'path a → b' })
  })
  test.each([['DNS', []], ['path a → b', ['a>b', 'b>a']]])('when a name does not resolve, as %s where packets are lost on %j', async (hop, broken) => {
    putDns(lab)
    lab.service('near', '10.96.1.9', { app: 'near' })
    lab.pod({ name: 'near', node: 'a', ip: '10.244.1.77', labels: { app: 'near' } })
    lab.names = undefined
    for (const path of broken) lab.network.weather.brokenPaths.add(path)
    const [result] = await lab.verify([{ kind: 'reach', from: client, to: { service: 'near', port: 80 } }])
    expect(result).toMatchObject({ verdict: 'fail', firstBrokenHop: hop })
  })
})

describe('rounds', () => {
  test('send one batch per node, whatever the number of checks', async () => {
    await lab.verify([reach, { ...reach, count: 3 }, { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } }, { ...reach, from: { pod: { name: 'hello-b' } } }])
    expect(lab.execs.filter((exec) => exec.endsWith('hoplab-probe')).sort()).toEqual(['a hoplab-probe', 'b hoplab-probe'])
    expect(lab.execs.filter((exec) => exec.endsWith('conntrack'))).toEqual([])
  })
  test('give results in the order of the checks, and tell each as it is known', async () => {
    const told: string[] = []
    const results = await lab.verify([{ ...everyKind[1], id: 'slow' }, { ...reach, id: 'quick' }], { onResult: ({ id }) => told.push(id) })
    expect(results.map(({ id }) => id)).toEqual(['slow', 'quick'])
    expect(told).toEqual(['quick', 'slow'])
  })
  test('skip what needs a check that has not passed, and what needs that', async () => {
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    const results = await lab.verify([{ ...everyKind[3], id: 'last', needs: ['middle'] }, { ...everyKind[3], id: 'middle', needs: ['first'] }, { ...reach, id: 'first' }, { ...everyKind[3], id: 'free', needs: ['elsewhere'] }])
    expect(results.map(({ id, verdict, why }) => [id, verdict, why])).toEqual([
      ['last', 'skipped', 'Not looked at, because "middle" has not passed.'], ['middle', 'skipped', 'Not looked at, because "first" has not passed.'], ['first', 'fail', expect.any(String)], ['free', 'pass', expect.any(String)]])
  })
  test('an interruption ends them with its reason and leaves no canary', async () => {
    const user = new AbortController()
    using deadline = Deadline.start('test', 280_000, { signal: user.signal })
    const spec = checkSpec.parse({ id: 'b', title: { en: 'x', 'hi-Latn': 'x' }, ...everyKind[1], hold: 30 })
    setTimeout(() => user.abort(HOP_INTERRUPTED()), 150)
    await expect(createVerifier().verify([{ step: 's', title: 'x', spec }], lab, { answers: {}, deadline })).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
    expect([...lab.kube.objects.keys()].filter((key) => key.includes('canary'))).toEqual([])
  })
})

describe('an interruption while a red is explained', () => {
  test.each([['and another check is still open', [{ ...everyKind[3], hold: 30 }]], ['and no other check is open', []]])('%s ends it with its reason', async (_what, others) => {
    const user = new AbortController()
    using deadline = Deadline.start('test', 280_000, { signal: user.signal })
    lab.wire.works = false
    lab.rewrite = (_node, [, , script], printed) => {
      if (script === beginScript) user.abort(HOP_INTERRUPTED())
      return printed
    }
    lab.network.weather.listening.set('hello-a', [])
    lab.network.weather.listening.set('hello-b', [])
    const checks = [reach, ...others].map((check, index) => ({ step: 's', title: 'x', spec: checkSpec.parse({ id: `c${index}`, title: { en: 'x', 'hi-Latn': 'x' }, ...check }) }))
    await expect(createVerifier().verify(checks, lab, { answers: {}, deadline })).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
    expect(user.signal.aborted).toBe(true)
  })
})

describe('the barrier', () => {
  test('makes a red believed at once where everything has caught up', async () => {
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    const { results, ms } = await timed([{ ...reach, within: 25 }])
    expect(results[0]).toMatchObject({ verdict: 'fail', attempts: 1 })
    expect(ms).toBeLessThan(12_000)
    expect([...lab.kube.objects.keys()].filter((key) => key.includes('canary'))).toEqual([])
  })
  test('holds back a red while kube-proxy of the client\'s node is behind, and then shows why it waited', async () => {
    lab.lateProxies.add('a')
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    const { results, ms } = await timed([{ ...reach, within: 1 }])
    expect(results[0]).toMatchObject({ verdict: 'fail' })
    expect(results[0]?.evidence).toContainEqual(expect.objectContaining({ witness: 'kube-proxy', observed: 'still waiting for kube-proxy on a to catch up' }))
    expect(ms).toBeGreaterThanOrEqual(1_000)
  })
  test('fails a green on a node whose kube-proxy never writes a Service made since, and names it', async () => {
    lab.lateProxies.add('a')
    const { results: [result], ms } = await timed([{ ...reach, within: 1 }])
    expect(result).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: 'kube-proxy on a', why: expect.stringMatching(/^kube-proxy on a has not written a Service made \d+ s ago\./u) })
    expect(result?.evidence).toContainEqual(expect.objectContaining({ witness: 'kube-proxy', observed: 'still waiting for kube-proxy on a to catch up' }))
    expect(ms).toBeGreaterThan(5_000)
  })
  test('passes a green on a node whose kube-proxy catches up soon after `within`', async () => {
    lab.lateProxies.add('a')
    lab.after(1_500, () => lab.lateProxies.delete('a'))
    const { results, ms } = await timed([{ ...reach, within: 1 }])
    expect(results[0]).toMatchObject({ verdict: 'pass' })
    expect(ms).toBeGreaterThanOrEqual(1_500)
  })
  test('does not ask kube-proxy of nodes that no request of the check starts from', async () => {
    lab.lateProxies.add('b')
    expect((await lab.verify([{ ...reach, within: 1 }]))[0]).toMatchObject({ verdict: 'pass' })
  })
  test('that cannot make its canary leaves a green undecided', async () => {
    lab.kube.create = () => Promise.reject(new Error('connect ECONNREFUSED'))
    expect((await lab.verify([{ ...reach, within: 1 }]))[0]).toMatchObject({ verdict: 'inconclusive', points: 0, why: 'It could not be found out whether the nodes show the newest state: connect ECONNREFUSED.' })
  })
  test.each([['a program that is missing', 127], ['a kill', 137]])('whose own watcher ends by %s leaves a green undecided, and kube-proxy is not blamed', async (_name, exitCode) => {
    lab.rewrite = (_node, argv, printed) => (argv[3] === 'canary' ? { exitCode, stdout: '', stderr: '' } : printed)
    expect((await lab.verify([{ ...reach, within: 1 }]))[0]).toMatchObject({ verdict: 'inconclusive', points: 0, why: expect.stringContaining(`ended with ${exitCode}`) })
  })
  test('holds back a red while a roll-out is under way, so that a right answer passes', async () => {
    lab.service('hello', '10.96.1.1', { app: 'new' })
    lab.pod({ name: 'new', node: 'b', ip: '10.244.2.50', labels: { app: 'new' }, ready: false })
    lab.after(700, () => { lab.pod({ name: 'new', node: 'b', ip: '10.244.2.50', labels: { app: 'new' } }); lab.network.syncSlices() })
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'pass' })
  })
  test('holds back a green that may be yesterday\'s', async () => {
    // The selector has been changed; the slice still lists the old Pods.
    lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', namespace: 'lab' }, spec: { clusterIP: '10.96.1.1', ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'hallo' } } })
    lab.after(600, () => lab.network.syncSlices())
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'fail' })
  })
  test('waits while a node is so busy that a control Pod does not even hear itself: that is no broken path', async () => {
    let asked = 0
    lab.network.weather.brokenPaths.has = (path) => path === 'a>a' && asked++ < 4
    expect((await lab.verify([{ ...reach, within: 5 }]))[0]).toMatchObject({ verdict: 'pass', attempts: 2 })
  })
  test('waits for a control Pod that is coming back, and passes soon after', async () => {
    lab.kube.objects.delete('v1 Pod hoplab-control/control-a')
    lab.after(400, () => lab.pod({ name: 'control-a', namespace: 'hoplab-control', node: 'a', ip: '10.244.1.3' }))
    const { results, ms } = await timed([{ ...reach, within: 25 }])
    expect(results[0]).toMatchObject({ verdict: 'pass' })
    expect(ms).toBeLessThan(12_000)
  })
  const restless = () => { lab.pod({ name: 'restless', node: 'b', ip: '10.244.2.61', ready: false }) }
  test('of a cluster that never comes to rest still tells a kube-proxy that is dead', async () => {
    restless()
    lab.lateProxies.add('a')
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'fail', points: 0, firstBrokenHop: 'kube-proxy on a', why: expect.stringContaining('has not written a Service') })
    expect([...lab.kube.objects.keys()].filter((key) => key.includes('canary'))).toEqual([])
  })
  test('of a cluster that never comes to rest leaves a green green where every kube-proxy writes', async () => {
    restless()
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'pass' })
  })
  test.each([['kube-system', 'kube-proxy'], ['kube-flannel', 'kube-flannel-ds']])('waits for the roll-out of %s/%s, so that what was mended by it passes', async (namespace, name) => {
    const set = (updatedNumberScheduled: number) => lab.kube.put({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace }, status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, updatedNumberScheduled, numberReady: 3 } })
    set(1)
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    lab.after(700, () => { lab.service('hello', '10.96.1.1', { app: 'hello' }); set(3) })
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'pass' })
  })
  test('does not wait for Pods of an older version that nobody replaces', async () => {
    lab.kube.put({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'kube-proxy', namespace: 'kube-system' }, spec: { updateStrategy: { type: 'OnDelete' } }, status: { desiredNumberScheduled: 2, currentNumberScheduled: 2, updatedNumberScheduled: 0, numberReady: 2 } })
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect((await timed([{ ...reach, within: 25 }])).ms).toBeLessThan(12_000)
  })
  test('does not wait for a Pod that is stuck for good', async () => {
    lab.pod({ name: 'stuck', node: 'b', ip: '', waiting: 'ErrImageNeverPull' })
    lab.service('hello', '10.96.1.1', { app: 'helo' })
    expect((await timed([{ ...reach, within: 25 }])).ms).toBeLessThan(12_000)
  })
  test('waits out `within` for network reds where NetworkPolicies are written at the plugin\'s own pace', async () => {
    lab.kube.put({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny', namespace: 'lab' } })
    lab.network.weather.between = () => 'TIMEOUT'
    lab.after(600, () => { lab.network.weather.between = () => undefined })
    expect((await lab.verify([{ ...reach, within: 10 }]))[0]).toMatchObject({ verdict: 'pass' })
  })
})

describe('a Pod that is not Ready', () => {
  const unready = (since: string) => {
    const pod = lab.pod({ name: 'slow', node: 'b', ip: '10.244.2.60', ready: false })
    lab.kube.put({ ...pod, status: { ...(pod.status as object), conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: since }] } })
    lab.kube.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } })
    lab.kube.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'b', namespace: 'kube-node-lease' }, spec: { renewTime: '2026-01-01T00:01:00.000000Z' } })
  }
  test('is waited for', async () => {
    unready('2026-01-01T00:00:50Z')
    const { results, ms } = await timed([{ ...reach, within: 1 }])
    expect(results[0]?.verdict).toBe('pass')
    expect(results[0]?.evidence).toContainEqual(expect.objectContaining({ witness: 'kube-proxy', observed: 'still waiting for Pod lab/slow is Running but not Ready' }))
    expect(ms).toBeGreaterThanOrEqual(1_000)
  })
  test('is at rest after long', async () => {
    unready('2026-01-01T00:00:10Z')
    const { results, ms } = await timed([{ ...reach, within: 25 }])
    expect(results[0]?.verdict).toBe('pass')
    expect(ms).toBeLessThan(12_000)
  })
})

test('a check that needs what this network does not have is not offered, in words, and no probe is sent for it', async () => {
  const [result] = await lab.verify([{ kind: 'reach', from: client, to: hello, requires: ['network-policy'] }])
  expect(result).toMatchObject({ verdict: 'not-offered', points: 0, why: "Not offered here: this cluster's network has no network-policy." })
  expect(lab.execs).toEqual([])
  lab.networkFacts = { ...lab.networkFacts, networkPolicy: true }
  expect((await lab.verify([{ kind: 'reach', from: client, to: hello, requires: ['network-policy'] }]))[0]?.verdict).toBe('pass')
})
