import { Deadline, HopError } from '@hoplab/core'
import { expect, test } from 'vitest'
import { type LabRun, openLab } from './lab-run.ts'
import type { FaultMaterial } from './material.ts'
import { caseNames } from './prove.ts'
import type { OpenLabSpec } from './spec.ts'
import { FakeProvider, fakeInstaller, fakeVerifier, judgeTiny, MemoryStore, tinyLab } from './testing/index.ts'

const deadline = (): Deadline => Deadline.start('test', 280_000)
const both = (text: string): FaultMaterial['title'] => ({ en: text, 'hi-Latn': text })
const fault = (changes: Partial<FaultMaterial>): FaultMaterial => ({
  name: '2-named', title: both('Named'), layer: 'service', do: [{ fault: 'selector-wrong', with: { service: 'web' } }], undo: [],
  expect: {}, otherwise: 'pass', in: {}, on: {}, proxyModes: ['iptables', 'nftables'], ...changes,
})

function opened(faults: FaultMaterial[], changes: Partial<OpenLabSpec> = {}) {
  const provider = new FakeProvider()
  const store = new MemoryStore()
  const spec: OpenLabSpec = { lab: { ...tinyLab, faults }, provider, installer: fakeInstaller, verifier: fakeVerifier(judgeTiny), images: { 'hoplab/echo': 'hoplab/echo:v1-local' }, store, imageSource: 'local', ...changes }
  return { provider, store, spec, run: openLab(spec) }
}

const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: unknown) => (error instanceof HopError ? error.code : String(error)))
async function selector(run: LabRun): Promise<unknown> {
  const { kube } = await run.cluster(deadline())
  const service = await kube.get({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: 'tiny' }, deadline())
  return (service?.spec as { selector?: unknown } | undefined)?.selector
}

test('another process takes a fault back exactly, from the saved record alone', async () => {
  const { run, spec, store } = opened([fault({})])
  await run.up(deadline())
  await run.solveAsProof(deadline())
  await run.inject(deadline(), 'named')
  expect(await selector(run)).toEqual({ 'hoplab.dev/nobody': 'true' })
  expect(store.saved).toMatchObject({ faults: ['2-named'], undo: { '2-named': [[{ act: 'patch' }]] } })
  await openLab(spec).undo(deadline(), 'named')
  expect(await selector(run)).toEqual({ app: 'web' })
  expect(store.saved).toMatchObject({ faults: [], undo: {} })
})

test('is recorded before it changes anything, so a fault that was cut off half-way is taken back', async () => {
  const { run, provider, store } = opened([fault({ do: [{ fault: 'selector-wrong', with: { service: 'web' } }, { fault: 'session-affinity-on', with: { service: 'web' } }] })])
  await run.up(deadline())
  await run.solveAsProof(deadline())
  const { kube } = provider.clusters.get('tiny') ?? (() => { throw new Error('no cluster') })()
  const patch = kube.patch.bind(kube)
  let patches = 0
  kube.patch = async (...args) => {
    if (++patches === 2) throw new HopError({ code: 'HOP_CUT', exitCode: 3, what: 'cut', why: '', fix: '', state: '' })
    return patch(...args)
  }
  expect(await codeOf(run.inject(deadline(), 'named'))).toBe('HOP_CUT')
  expect(store.saved?.undo?.['2-named']).toHaveLength(2)
  await run.undo(deadline(), 'named')
  expect(await selector(run)).toEqual({ app: 'web' })
})

test('a fault that cannot be put in changes nothing and is not in', async () => {
  const { run, store, provider } = opened([fault({ do: [{ fault: 'selector-wrong', with: { service: 'gone' } }] })])
  await run.up(deadline())
  const writes = provider.clusters.get('tiny')?.kube.writes.length
  expect(await codeOf(run.inject(deadline(), 'named'))).toBe('HOP_VERB_FAILED')
  expect(provider.clusters.get('tiny')?.kube.writes.length).toBe(writes)
  expect(store.saved?.faults).toEqual([])
})

test('twice, or taken back when it is not in, is refused', async () => {
  const { run } = opened([fault({})])
  await run.up(deadline())
  expect(await codeOf(run.undo(deadline(), 'named'))).toBe('HOP_FAULT_NOT_IN')
  await run.inject(deadline(), 'named')
  expect(await codeOf(run.inject(deadline(), 'named'))).toBe('HOP_FAULT_IN')
})

test('is refused in a proxy mode that it is not for, and on a network without what it breaks', async () => {
  const { run } = opened([fault({ proxyModes: ['nftables'] }), fault({ name: '3-entry', do: [{ fault: 'fdb-entry-removed', with: { node: 'worker-1', peer: 'control-plane' } }] })])
  await run.up(deadline())
  expect(await codeOf(run.inject(deadline(), 'named'))).toBe('HOP_FAULT_NOT_OFFERED')
  expect(await codeOf(run.inject(deadline(), 'entry'))).toBe('HOP_FAULT_NOT_OFFERED')
})

test('a reset takes faults back on nodes too, where putting objects back does not reach', async () => {
  const { run, provider, store } = opened([fault({ do: [{ fault: 'masquerade-too-wide', with: { node: 'worker-1' } }] })])
  await run.up(deadline())
  await run.inject(deadline(), 'named')
  await run.reset(deadline())
  expect(provider.clusters.get('tiny')?.commands.at(-1)).toContain('while iptables -w -t nat -C POSTROUTING')
  expect(store.saved).toMatchObject({ faults: [], undo: {} })
})

test('a fault for other CNIs is refused, and no case of the lab here', async () => {
  const foreign = fault({ cnis: ['calico'] })
  const { run, spec } = opened([foreign, fault({ name: '3-mine', cnis: ['flannel', 'calico'] })])
  await run.up(deadline())
  await run.solveAsProof(deadline())
  await expect(run.inject(deadline(), 'named')).rejects.toMatchObject({ code: 'HOP_FAULT_NOT_OFFERED', facts: { why: 'It needs the CNI calico.' } })
  expect((await run.learner.saved()).faults).toEqual([])
  const names = (cni: 'flannel' | 'calico'): string[] => caseNames(spec.lab, { cni, proxyMode: 'iptables' }).filter((name) => name.startsWith('fault:'))
  expect([names('flannel'), names('calico')]).toEqual([['fault:3'], ['fault:2', 'fault:3']])
})
