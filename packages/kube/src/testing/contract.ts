import { Deadline, HOP_INTERRUPTED, type HopError } from '@hoplab/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf } from '../errors.ts'
import type { KubeClient, KubeObject } from '../port.ts'

/** What a run of the contract needs. */
export interface ContractSubject extends AsyncDisposable { kube: KubeClient }

const namespace = 'kube-contract'
const map = (name: string, data: Record<string, string>, labels: Record<string, string> = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data })
const ref = (name: string): { apiVersion: string; kind: string; name: string; namespace: string } => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace })
const thrown = async (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined, (error: unknown) => error)

/** What every {@link KubeClient} promises. Works in a namespace of its own, which it removes. */
export function kubeClientContract(name: string, make: () => Promise<ContractSubject>): void {
  describe(`kube client contract: ${name}`, () => {
    let subject: ContractSubject
    let kube: KubeClient
    let deadline: Deadline
    beforeAll(async () => {
      deadline = Deadline.start('kube contract', 120_000)
      subject = await make()
      kube = subject.kube
      await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, deadline)
    }, 120_000)
    afterAll(async () => {
      await kube?.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, deadline)
      await subject?.[Symbol.asyncDispose]()
      deadline?.[Symbol.dispose]()
    })

    test('a missing object, a missing namespace and a missing kind are undefined, not errors', async () => {
      expect(await kube.get(ref('nowhere'), deadline)).toBeUndefined()
      expect(await kube.get({ ...ref('nowhere'), namespace: 'no-such-namespace' }, deadline)).toBeUndefined()
      expect(await kube.get({ ...ref('nowhere'), kind: 'NoSuchKind' }, deadline)).toBeUndefined()
    })

    test('create stores, a second create is refused with 409', async () => {
      const made = await kube.create(map('made', { a: '1' }), deadline)
      expect(made.metadata.uid).toBeTruthy()
      expect((await kube.get(ref('made'), deadline))?.data).toEqual({ a: '1' })
      const error = await thrown(kube.create(map('made', {}), deadline))
      expect(refusalOf(error)).toMatchObject({ status: 409, reason: 'AlreadyExists' })
      expect((error as HopError).code).toBe('HOP_KUBE_REFUSED')
    })

    test('apply creates, then changes only what is given', async () => {
      await kube.apply(map('applied', { a: '1' }), deadline)
      await kube.patch(ref('applied'), 'merge', { metadata: { annotations: { by: 'someone' } } }, deadline)
      const again = await kube.apply(map('applied', { a: '2' }), deadline)
      expect(again.data).toEqual({ a: '2' })
      expect(again.metadata.annotations).toMatchObject({ by: 'someone' })
    })

    test('writing into a namespace that does not exist is refused with 404', async () => {
      const stray = map('stray', {})
      stray.metadata.namespace = 'no-such-namespace'
      expect(refusalOf(await thrown(kube.create(stray, deadline)))?.status).toBe(404)
    })

    test('replace refuses an old version with 409 and takes the newest', async () => {
      const old = await kube.create(map('versioned', { a: '1' }), deadline)
      const newer = await kube.replace({ ...old, data: { a: '2' } }, deadline)
      expect(refusalOf(await thrown(kube.replace({ ...old, data: { a: '3' } }, deadline)))).toMatchObject({ status: 409, reason: 'Conflict' })
      expect((await kube.replace({ ...newer, data: { a: '4' } }, deadline)).data).toEqual({ a: '4' })
    })

    test('merge and json patches', async () => {
      await kube.create(map('patched', { a: '1', b: '2' }), deadline)
      expect((await kube.patch(ref('patched'), 'merge', { data: { a: null, c: '3' } }, deadline)).data).toEqual({ b: '2', c: '3' })
      expect((await kube.patch(ref('patched'), 'json', [{ op: 'replace', path: '/data/b', value: '9' }], deadline)).data).toEqual({ b: '9', c: '3' })
      expect(refusalOf(await thrown(kube.patch(ref('absent'), 'merge', {}, deadline)))?.status).toBe(404)
    })

    test('list selects by label and field, and items carry apiVersion and kind', async () => {
      await kube.create(map('listed-a', {}, { tier: 'x' }), deadline)
      await kube.create(map('listed-b', {}, { tier: 'y' }), deadline)
      const byLabel = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'tier=x' }, deadline)
      expect(byLabel.map((item) => [item.apiVersion, item.kind, item.metadata.name])).toEqual([['v1', 'ConfigMap', 'listed-a']])
      const byField = await kube.list({ apiVersion: 'v1', kind: 'ConfigMap', fieldSelector: 'metadata.name=listed-b' }, deadline)
      expect(byField.map((item) => item.metadata.name)).toEqual(['listed-b'])
    })

    test('delete removes; deleting what is not there is no error', async () => {
      await kube.create(map('doomed', {}), deadline)
      await kube.delete(ref('doomed'), deadline)
      expect(await kube.get(ref('doomed'), deadline)).toBeUndefined()
      await kube.delete(ref('doomed'), deadline)
    })

    test('times come back as the text the server sent', async () => {
      const made = await kube.create(map('timed', {}), deadline)
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u)
    })

    test('says what it offers and which version it is', async () => {
      const types = await kube.resourceTypes(deadline)
      expect(types).toContainEqual(expect.objectContaining({ apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true }))
      expect(types).toContainEqual(expect.objectContaining({ apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' }))
      expect(await kube.version(deadline)).toMatch(/^v1\.\d+\.\d+/u)
    })

    test('an interrupted deadline ends a call with its reason', async () => {
      const user = new AbortController()
      using interrupted = Deadline.start('interrupted', 60_000, { signal: user.signal })
      user.abort(HOP_INTERRUPTED())
      expect((await thrown(kube.get(ref('made'), interrupted)) as HopError).code).toBe('HOP_INTERRUPTED')
    })
  })
}
