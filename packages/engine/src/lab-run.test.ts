import { Deadline, HOP_INTERRUPTED, HopError } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import { describe, expect, test } from 'vitest'
import { openLab } from './lab-run.ts'
import type { OpenLabSpec } from './spec.ts'
import { FakeProvider, fakeInstaller, fakeVerifier, judgeTiny, MemoryStore, tinyLab } from './testing/index.ts'

const deadline = (): Deadline => Deadline.start('test', 280_000)

function opened(changes: Partial<OpenLabSpec> = {}) {
  const provider = new FakeProvider()
  const store = new MemoryStore()
  const spec = { lab: tinyLab, provider, installer: fakeInstaller, verifier: fakeVerifier(judgeTiny), images: { 'hoplab/echo': 'hoplab/echo:v1-local' }, store, imageSource: 'local', ...changes } as const
  return { provider, store, spec, run: openLab(spec), cluster: () => { const one = provider.clusters.get('tiny'); if (!one) throw new Error('no cluster'); return one } }
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: unknown) => (error instanceof HopError ? error.code : String(error)))

describe('up', () => {
  test('sets the lab up with true images, stores the baseline and hands over', async () => {
    const { run, store, cluster } = opened()
    await run.up(deadline())
    const pod = await cluster().kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'pod-1', namespace: 'tiny' }, deadline())
    expect(pod?.spec).toMatchObject({ containers: [{ image: 'hoplab/echo:v1-local' }] })
    expect(store.saved).toMatchObject({ handedOver: true, runId: 'run-1', lab: 'tiny' })
    expect(store.baseline?.objects.length).toBeGreaterThan(2)
  })

  test('what was chosen of the network is part of the cluster, of what is remembered, and of every result', async () => {
    const options = { flannel: { backend: 'host-gw' } } as const
    const { run, store, cluster } = opened({ installer: { ...fakeInstaller, options } })
    await run.up(deadline())
    expect(cluster().spec).toMatchObject({ cni: 'flannel', cniOptions: 'backend=host-gw' })
    expect(store.saved).toMatchObject({ cni: 'flannel', cniOptions: options })
    expect(await run.check(deadline())).toMatchObject({ cni: 'flannel', cniOptions: options })
    const usual = opened()
    await usual.run.up(deadline())
    expect([usual.cluster().spec, usual.store.saved, await usual.run.check(deadline())].filter((one) => one && 'cniOptions' in one)).toEqual([])
  })

  test('asks for the lab\'s objects while the cluster still comes up; what is refused then is asked again', async () => {
    const { run, provider, cluster } = opened()
    let atReady = 0
    const ensure = provider.ensure.bind(provider)
    provider.ensure = async (spec, options) => {
      const made = await ensure(spec, options)
      atReady = made.kube.writes.length
      return made
    }
    await run.up(deadline())
    expect(atReady).toBeGreaterThan(2)
    expect(cluster().kube.writes.length).toBeGreaterThan(atReady)
    provider.clusters.clear()
    provider.ensure = (spec, options) => ensure(spec, { ...options, early: (kube, bound) => options?.early?.({ ...kube, apply: () => Promise.reject(new Error('not yet')) } as typeof kube, bound) ?? Promise.resolve() } as typeof options)
    expect((await run.up(deadline(), { recreate: true })).reused).toBe(false)
  })

  test.for([
    ['a Pod on its node\'s network', { hostNetwork: true }], ['one in its node\'s process space', { hostPID: true }],
    ['one with a folder of its node', { volumes: [{ name: 'conf', hostPath: { path: '/etc/cni/net.d' } }] }], ['a privileged one', { containers: [{ name: 'a' }, { name: 'b', securityContext: { privileged: true } }] }],
  ] as const)('%s may break the network: it is not asked for before the cluster is ready', async ([, spec]) => {
    const pod = structuredClone(tinyLab.manifests[1]) as KubeObject
    const object = { ...pod, metadata: { ...pod.metadata, name: 'breaker' }, spec: { ...pod.spec as object, ...spec } }
    const { run, provider } = opened({ lab: { ...tinyLab, manifests: [...tinyLab.manifests, object] } })
    const ensure = provider.ensure.bind(provider)
    const early: unknown[] = []
    provider.ensure = async (asked, options) => {
      const made = await ensure(asked, options)
      early.push(...made.kube.writes)
      return made
    }
    await run.up(deadline())
    expect(early.length).toBeGreaterThan(2)
    expect(JSON.stringify(early)).not.toContain('breaker')
    expect(JSON.stringify(provider.clusters.get('tiny')?.kube.writes)).toContain('breaker')
  })

  test('what has live values is applied last, with what the cluster says when all else is ready', async () => {
    const own = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'peer' }, data: { address: { $live: { pod: { labels: { app: 'web' } }, field: 'status.podIP' } } } } as unknown as KubeObject
    const { run, cluster, provider } = opened({ lab: { ...tinyLab, manifests: [own, ...tinyLab.manifests] } })
    const ensure = provider.ensure.bind(provider)
    let early = ''
    provider.ensure = async (asked, options) => { const made = await ensure(asked, options); early = JSON.stringify(made.kube.writes); return made }
    await run.up(deadline())
    expect(early).toContain('Service tiny/web')
    expect(early).not.toContain('peer')
    expect((await cluster().kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'peer', namespace: 'tiny' }, deadline()))?.data).toEqual({ address: '10.244.1.2' })
  })

  test('what names a Pod that never comes is no lab: it is told what was to be read', async () => {
    const own = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'peer' }, data: { address: { $live: { pod: { name: 'nobody' }, field: 'status.podIP' } } } } as unknown as KubeObject
    const { run, store } = opened({ lab: { ...tinyLab, manifests: [...tinyLab.manifests, own] } })
    expect(await codeOf(run.up(deadline()))).toBe('HOP_POD_NOT_FOUND')
    expect(store.saved?.handedOver).toBe(false)
  })

  test('leaves a handed-over lab as the learner left it', async () => {
    const { run, cluster } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline())
    const writes = cluster().kube.writes.length
    expect((await run.up(deadline())).reused).toBe(true)
    expect(cluster().kube.writes.length).toBe(writes)
    expect((await run.check(deadline())).verdict).toBe('pass')
  })

  test('refuses when the manifests changed, and starts anew with recreate', async () => {
    const { run, spec, provider } = opened()
    await run.up(deadline())
    const edited = openLab({ ...spec, lab: { ...tinyLab, manifests: tinyLab.manifests.slice(0, 1) } })
    expect(await codeOf(edited.up(deadline()))).toBe('HOP_LAB_CHANGED')
    await edited.up(deadline(), { recreate: true })
    expect(provider.calls.slice(-2)).toEqual(['clean tiny', 'ensure tiny'])
  })

  test('workloads that cannot become ready are our environment: exit 3 with evidence, and no hand-over', async () => {
    const broken = structuredClone(tinyLab.manifests[1]) as typeof tinyLab.manifests[number]
    broken.status = { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ErrImageNeverPull' } } }] }
    const { run, store, cluster } = opened({ lab: { ...tinyLab, manifests: [broken] } })
    const error = await run.up(deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.code).toBe('HOP_LAB_NOT_SETTLED')
    expect(error.exitCode).toBe(3)
    expect(error.facts.evidence).toBe('/evidence/1')
    expect(cluster().evidence).toEqual(['/evidence/1'])
    expect(store.saved?.handedOver).toBe(false)
    expect(await codeOf(run.check(deadline()))).toBe('HOP_LAB_NOT_HANDED_OVER')
  })

  test('an interruption after the cluster was made removes it', async () => {
    const controller = new AbortController()
    const { run, provider, store } = opened()
    store.writeBaseline = async () => { controller.abort(HOP_INTERRUPTED()); throw controller.signal.reason }
    using bound = Deadline.start('test', 280_000, { signal: controller.signal })
    expect(await codeOf(run.up(bound))).toBe('HOP_INTERRUPTED')
    expect(provider.clusters.size).toBe(0)
    expect(store.saved).toBeUndefined()
  })
})

describe('check', () => {
  test('untouched is red with 0 points, solved is full', async () => {
    const { run } = opened()
    await run.up(deadline())
    expect(await run.check(deadline())).toMatchObject({ verdict: 'fail', points: 0, maxPoints: 5 })
    await run.solveAsProof(deadline())
    expect(await run.check(deadline())).toMatchObject({ verdict: 'pass', points: 5, pointsPossible: 5, maxPoints: 5 })
  })

  test('another object finds the lab and its answers again', async () => {
    const { run, spec } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline(), { solution: '2' })
    expect((await openLab(spec).check(deadline())).points).toBe(5)
  })

  test('one step brings the checks it needs, and only a whole step is done', async () => {
    const { run, store } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline())
    const result = await run.check(deadline(), { step: '2' })
    expect(result.checks.map((check) => check.id)).toEqual(['selector', 'who'])
    expect(store.saved?.steps.tell?.done).toBe(true)
    expect(store.saved?.steps.mend?.done ?? false).toBe(false)
  })

  test('an inconclusive check leaves its points possible', async () => {
    const { run, cluster } = opened({ verifier: fakeVerifier((check) => (check.spec.id === 'who' ? 'inconclusive' : 'pass')) })
    await run.up(deadline())
    expect(await run.check(deadline())).toMatchObject({ verdict: 'inconclusive', points: 3, pointsPossible: 5, maxPoints: 5, evidence: '/evidence/1' })
    expect(cluster().evidence).toEqual(['/evidence/1'])
  })

  test('a check that is not offered counts neither for nor against', async () => {
    const { run } = opened({ verifier: fakeVerifier((check) => (check.spec.id === 'who' ? 'not-offered' : 'pass')) })
    await run.up(deadline())
    expect(await run.check(deadline())).toMatchObject({ verdict: 'pass', points: 3, maxPoints: 3 })
  })

  test('a lab that is not up is wrong usage', async () => {
    const error = await opened().run.check(deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.exitCode).toBe(2)
  })
})

describe('hints and answers', () => {
  test('a hint shows its cost first; taken, it comes off the step and never below 0', async () => {
    const { run } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline())
    expect(await run.learner.nextHint('tell')).toMatchObject({ level: 1, cost: 0 })
    expect((await run.check(deadline())).points).toBe(5)
    for (const level of [1, 2, 3]) expect((await run.learner.takeHint('tell')).level).toBe(level)
    expect((await run.check(deadline())).points).toBe(3)
    expect(await codeOf(run.learner.takeHint('tell'))).toBe('HOP_NO_MORE_HINTS')
  })

  test('an unknown question, step or solution names the known ones', async () => {
    const { run } = opened()
    await run.up(deadline())
    expect(await codeOf(run.learner.answer('tell', { whom: 'x' }))).toBe('HOP_NAME_UNKNOWN')
    expect(await codeOf(run.check(deadline(), { step: '7' }))).toBe('HOP_NAME_UNKNOWN')
    const error = await run.solveAsProof(deadline(), { solution: '9' }).catch((thrown: unknown) => thrown) as HopError
    expect(error.facts.why).toContain('1-patch, 2-apply')
  })
})

describe('faults and reset', () => {
  test('a fault is remembered until it is undone', async () => {
    const { run, store } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline())
    await run.inject(deadline(), 'selector')
    expect(store.saved?.faults).toEqual(['1-selector'])
    expect((await run.check(deadline())).verdict).toBe('fail')
    await run.undo(deadline(), 'selector')
    expect(store.saved?.faults).toEqual([])
    expect((await run.check(deadline())).points).toBe(5)
  })

  test('reset puts objects back and forgets answers, but keeps hints taken', async () => {
    const { run, store } = opened()
    await run.up(deadline())
    await run.solveAsProof(deadline())
    await run.learner.takeHint('mend')
    await run.reset(deadline())
    expect(await run.check(deadline())).toMatchObject({ verdict: 'fail', points: 0 })
    expect(store.saved?.steps).toMatchObject({ mend: { hintsTaken: 1 }, tell: { answers: {} } })
  })

  test('what a reset cannot put back is named', async () => {
    const { run, cluster } = opened()
    await run.up(deadline())
    cluster().differences = [{ where: 'n-worker', what: 'routes', baseline: '10.244.1.0/24', now: '' }]
    const error = await run.reset(deadline()).catch((thrown: unknown) => thrown) as HopError
    expect(error.facts.what).toBe('recreate needed: n-worker: routes was 10.244.1.0/24, is absent')
    expect(error.facts.fix).toContain('--recreate')
  })
})

describe('verbs', () => {
  test('a node command must be on the lab\'s list', async () => {
    const allowed = { verbs: [{ node: 'worker-1', argv: ['iptables', '-S'] }], answers: {} }
    const { run, cluster } = opened()
    await run.up(deadline())
    await run.carryOut(deadline(), allowed, { where: 'test' })
    expect(cluster().commands).toEqual(['n-worker: iptables -S'])
    expect(await codeOf(run.carryOut(deadline(), { verbs: [{ node: 'worker-1', argv: ['reboot'] }], answers: {} }, { where: 'test' }))).toBe('HOP_NODE_COMMAND_DENIED')
    expect(cluster().commands).toHaveLength(1)
  })

  test('a refusal of the API server names the verb', async () => {
    const { run } = opened()
    await run.up(deadline())
    const verb = { patch: { apiVersion: 'v1', kind: 'Service', name: 'gone' }, type: 'merge' as const, value: {} }
    const error = await run.carryOut(deadline(), { verbs: [verb], answers: {} }, { where: 'near-miss 1' }).catch((thrown: unknown) => thrown) as HopError
    expect(error.facts.what).toBe('"patch Service gone" of near-miss 1 could not be carried out.')
  })

  test('a patch takes live values from the cluster when it is made', async () => {
    const { run, cluster } = opened()
    await run.up(deadline())
    const value = { metadata: { annotations: { address: { $live: { pod: { labels: { app: 'web' } }, field: 'status.podIP' } } } } }
    await run.carryOut(deadline(), { verbs: [{ patch: { apiVersion: 'v1', kind: 'Service', name: 'web' }, type: 'merge', value }], answers: {} }, { where: 'test' })
    const service = await cluster().kube.get({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'tiny' }, deadline())
    expect(service?.metadata.annotations).toEqual({ address: '10.244.1.2' })
    const gone = { pod: { name: 'pod-1' }, field: 'status.nothing' }
    expect(await codeOf(run.carryOut(deadline(), { verbs: [], answers: { who: gone } }, { where: 'test' }))).toBe('HOP_LIVE_VALUE_UNREADABLE')
  })

  test('a command in a Pod that exits non-zero stops the list', async () => {
    const { run, cluster } = opened()
    await run.up(deadline())
    cluster().kube.onExec = async () => ({ exitCode: 7, stdout: '', stderr: 'no route' })
    const verbs = [{ pod: { labels: { app: 'web' } }, argv: ['false'] }, { node: 'worker-1', argv: ['iptables'] }]
    expect(await codeOf(run.carryOut(deadline(), { verbs, answers: {} }, { where: 'test' }))).toBe('HOP_VERB_FAILED')
    expect(cluster().commands).toEqual([])
  })
})
