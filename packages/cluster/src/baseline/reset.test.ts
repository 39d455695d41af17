import { Deadline, neverReadyAnnotation } from '@hoplab/core'
import { type KubeObject, refused } from '@hoplab/kube'
import { FakeKube } from '@hoplab/kube/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Baseline } from '../port.ts'
import { resetTo } from './reset.ts'
import { baselineOf, type BaselineSubject } from './take.ts'

const namespace = 'shop'
const object = (apiVersion: string, kind: string, name: string, rest: object, metadata: object = {}): KubeObject => ({ apiVersion, kind, metadata: { name, namespace, ...metadata }, ...rest })
const deadline = Deadline.start('reset', 280_000)
const settings = { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace }
const service = { apiVersion: 'v1', kind: 'Service', name: 'hello', namespace }

/** A cluster with one lab: what a toolbox prints is the same each time. */
function subjectOf(kube: FakeKube): BaselineSubject {
  const print = (input: string): string => [...input.matchAll(/^echo '(.*)'/gmu)].map(([, mark]) => (mark?.endsWith(' end') ? `${mark}\n` : `${mark}\n[]\n`)).join('')
  return { kube, nodes: [{ name: 'n1' }], cniNamespace: 'cni', toolbox: (node) => ({ node, exec: async (_argv, { input = '' }) => ({ exitCode: 0, stdout: print(input), stderr: '', durationMs: 1 }) }) }
}

describe('reset to the hand-over', () => {
  let kube: FakeKube
  let baseline: Baseline
  beforeEach(async () => {
    kube = new FakeKube([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'a' } }, spec: {} },
      object('v1', 'ServiceAccount', 'default', {}), object('v1', 'ConfigMap', 'kube-root-ca.crt', { data: { ca: 'x' } }),
      object('v1', 'ConfigMap', 'settings', { data: { colour: 'blue' } }),
      object('v1', 'Service', 'hello', { spec: { selector: { app: 'wrong' }, ports: [{ port: 80 }] } }),
      object('apps/v1', 'Deployment', 'hello', { spec: { replicas: 1 }, status: { updatedReplicas: 1, availableReplicas: 1, replicas: 1 } }),
      object('discovery.k8s.io/v1', 'EndpointSlice', 'hello-abc', { endpoints: [] }, { labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } }),
    ])
    baseline = await baselineOf(subjectOf(kube), [namespace], deadline)
    kube.writes.length = 0
  })
  const reset = (): ReturnType<typeof resetTo> => resetTo(subjectOf(kube), baseline, deadline)

  test('an untouched lab is not written to', async () => {
    expect(await reset()).toEqual([])
    expect(kube.writes).toEqual([])
  })
  test('what the cluster makes by itself is not part of it', () => {
    expect(baseline.objects.map((one) => `${one.kind} ${one.metadata.name}`)).toEqual(['Namespace shop', 'Service hello', 'ConfigMap settings', 'Deployment hello', 'Node n1'])
  })
  test('a Service that has to be made anew is asked for again while the server still holds its address', async () => {
    await kube.patch(service, 'merge', { spec: { selector: { app: 'hello' } } }, deadline)
    const create = kube.create.bind(kube)
    kube.replace = () => Promise.reject(refused('PUT', 422, 'Invalid', 'spec.loadBalancerClass: field is immutable'))
    let held = 2
    kube.create = (one, bound) => (held-- > 0 ? Promise.reject(refused('POST', 422, 'Invalid', 'failed to allocate IP 10.96.1.1: provided IP is already allocated')) : create(one, bound))
    expect(await reset()).toEqual([])
    expect((await kube.get(service, deadline))?.spec).toMatchObject({ selector: { app: 'wrong' } })
  })
  test.each([[1, { ends: [], selector: { app: 'wrong' }, writes: 2 }], [9, { ends: expect.objectContaining({ code: 'HOP_KUBE_REFUSED' }), selector: { app: 'hello' }, writes: 5 }]])(
    'an object that others write to %i times between reading and writing is read again, up to five times', async (times, { ends, selector, writes }) => {
      await kube.patch(service, 'merge', { spec: { selector: { app: 'hello' } } }, deadline)
      const replace = kube.replace.bind(kube)
      const versions: unknown[] = []
      kube.replace = async (one, bound) => {
        versions.push(one.metadata.resourceVersion)
        if (versions.length > times) return await replace(one, bound)
        await kube.patch(service, 'merge', { status: { written: versions.length } }, bound)
        throw refused('PUT', 409, 'Conflict', 'the object has been modified; please apply your changes to the latest version and try again')
      }
      expect(await reset().catch((error: unknown) => error)).toEqual(ends)
      expect((await kube.get(service, deadline))?.spec).toMatchObject({ selector })
      expect(new Set(versions).size).toBe(writes)
    })
  test('changed, added and deleted objects come back; the namespace is not deleted', async () => {
    await kube.patch(service, 'merge', { spec: { selector: { app: 'hello' } } }, deadline)
    await kube.create(object('networking.k8s.io/v1', 'NetworkPolicy', 'extra', { spec: {} }), deadline)
    await kube.delete(settings, deadline)
    expect(await reset()).toEqual([])
    expect((await kube.get(settings, deadline))?.data).toEqual({ colour: 'blue' })
    expect((await kube.get(service, deadline))?.spec).toMatchObject({ selector: { app: 'wrong' } })
    expect(await kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace }, deadline)).toEqual([])
    expect(kube.writes).not.toContain('delete Namespace shop')
  })
  test.each([[{}, 1], [{ [neverReadyAnnotation]: 'true' }, 0]])('a bare Pod with annotations %j whose container was restarted is made anew: %i times', async (annotations, times) => {
    const pod = (restartCount: number): KubeObject => object('v1', 'Pod', 'diary', { spec: {}, status: { containerStatuses: [{ restartCount }], conditions: [{ type: 'Ready', status: 'True' }] } }, { annotations, uid: 'first' })
    kube.put(pod(0))
    baseline = await baselineOf(subjectOf(kube), [namespace], deadline)
    expect(await reset()).toEqual([])
    expect(kube.writes).toEqual([])
    kube.put(pod(2))
    const create = kube.create.bind(kube)
    kube.create = (made, bound) => create({ ...made, status: { conditions: [{ type: 'Ready', status: 'True' }] } }, bound)
    expect(await reset()).toEqual([])
    expect(kube.writes.filter((one) => one.startsWith('delete Pod'))).toHaveLength(times)
    expect(kube.writes.filter((one) => one.startsWith('create Pod'))).toHaveLength(times)
  })
  test('a bare Pod that is made anew takes along what somebody asked of Calico and nothing that it noted on the old one, and is as before with what it notes on the new one', async () => {
    const pod = (address: string): KubeObject => object('v1', 'Pod', 'diary', { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } }, { annotations: { 'cni.projectcalico.org/ipAddrs': '["10.244.9.3"]', 'cni.projectcalico.org/podIP': address } })
    kube.put(pod('10.244.9.2/32'))
    baseline = await baselineOf(subjectOf(kube), [namespace], deadline)
    await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'diary', namespace }, deadline)
    const create = kube.create.bind(kube)
    let asked: unknown
    kube.create = (made, bound) => { asked = made.metadata.annotations; return create({ ...pod('10.244.9.3/32'), spec: made.spec }, bound) }
    expect(await reset()).toEqual([])
    expect(asked).toEqual({ 'cni.projectcalico.org/ipAddrs': '["10.244.9.3"]' })
  })
  test('a DaemonSet of the lab is waited for before nodes are compared: it may have work to do on them', async () => {
    const agent = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', namespace }
    const counts = (available: number): object => ({ status: { desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: available } })
    kube.put(object('apps/v1', 'DaemonSet', 'agent', { spec: {}, ...counts(1) }))
    baseline = await baselineOf(subjectOf(kube), [namespace], deadline)
    await kube.delete(agent, deadline)
    const create = kube.create.bind(kube)
    kube.create = (made, bound) => create({ ...made, ...counts(0) }, bound)
    const events: string[] = []
    const subject = subjectOf(kube)
    const watched: BaselineSubject = { ...subject, toolbox: (node) => { events.push('nodes are looked at'); return subject.toolbox(node) } }
    setTimeout(() => { events.push('it is available'); kube.put(object('apps/v1', 'DaemonSet', 'agent', { spec: {}, ...counts(1) })) }, 300)
    expect(await resetTo(watched, baseline, deadline)).toEqual([])
    // The first look is for stopped programs, before any object is put back; after the last one nodes forget what nobody answered.
    expect(events).toEqual(['nodes are looked at', 'it is available', 'nodes are looked at', 'nodes are looked at'])
  })
  test('labels and taints of a Node come back', async () => {
    await kube.patch({ apiVersion: 'v1', kind: 'Node', name: 'n1' }, 'merge', { metadata: { labels: { zone: 'b', extra: 'x' } }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }, deadline)
    expect(await reset()).toEqual([])
    expect((await kube.get({ apiVersion: 'v1', kind: 'Node', name: 'n1' }, deadline))?.metadata.labels).toEqual({ zone: 'a' })
  })
  test('a Node that is not Ready yet, or has a taint of the node controller, is waited for', async () => {
    const node = (status: string, spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { zone: 'a' } }, spec, status: { conditions: [{ type: 'Ready', status }] } })
    const taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }]
    kube.put(node('False', { taints }))
    kube.patch = async () => node('False', { taints })
    setTimeout(() => { kube.put(node('True', { taints })) }, 250)
    setTimeout(() => { kube.put(node('True', {})) }, 500)
    expect(await reset()).toEqual([])
  })
  test('every node forgets the requests that nobody answered, when all is back', async () => {
    const commands: string[] = []
    const subject = subjectOf(kube)
    await kube.patch(service, 'merge', { spec: { selector: { app: 'hello' } } }, deadline)
    const toolbox: BaselineSubject['toolbox'] = (node) => ({ node, exec: async (argv, options) => { commands.push(`${node}: ${argv.join(' ')}`); return await subject.toolbox(node).exec(argv, options) } })
    expect(await resetTo({ ...subject, toolbox }, baseline, deadline)).toEqual([])
    expect(commands.at(-1)).toBe('n1: conntrack -D -p tcp --state SYN_SENT')
  })
  test('the CNI\'s configuration comes back, in its own namespace and cluster-wide; what it writes down for itself is left alone', async () => {
    const crd = 'crd.projectcalico.org/v1'
    const wide = (kind: string, name: string, spec: object): KubeObject => ({ apiVersion: crd, kind, metadata: { name }, spec })
    kube.types = [...kube.types, ...['IPPool', 'GlobalNetworkPolicy', 'IPAMBlock'].map((kind) => ({ apiVersion: crd, kind, plural: `${kind.toLowerCase()}s`, namespaced: false, verbs: ['list', 'get', 'create', 'update', 'delete'] }))]
    for (const made of [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cni' } }, object('v1', 'ConfigMap', 'net-conf', { data: { backend: 'vxlan' } }, { namespace: 'cni' }), wide('IPPool', 'pool', { natOutgoing: true })]) kube.put(made)
    baseline = await baselineOf(subjectOf(kube), [namespace], deadline)
    await kube.patch({ apiVersion: 'v1', kind: 'ConfigMap', name: 'net-conf', namespace: 'cni' }, 'merge', { data: { backend: 'host-gw' } }, deadline)
    await kube.patch({ apiVersion: crd, kind: 'IPPool', name: 'pool' }, 'merge', { spec: { natOutgoing: false } }, deadline)
    await kube.create(wide('GlobalNetworkPolicy', 'deny', {}), deadline)
    await kube.create(wide('IPAMBlock', 'block', {}), deadline)
    expect(await reset()).toEqual([])
    expect((await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'net-conf', namespace: 'cni' }, deadline))?.data).toEqual({ backend: 'vxlan' })
    expect((await kube.get({ apiVersion: crd, kind: 'IPPool', name: 'pool' }, deadline))?.spec).toEqual({ natOutgoing: true })
    expect((await kube.list({ apiVersion: crd, kind: 'GlobalNetworkPolicy' }, deadline))).toEqual([])
    expect((await kube.list({ apiVersion: crd, kind: 'IPAMBlock' }, deadline))).toHaveLength(1)
  })
  test('a Node that is gone cannot be put back and is named', async () => {
    await kube.delete({ apiVersion: 'v1', kind: 'Node', name: 'n1' }, deadline)
    expect(await reset()).toEqual([expect.objectContaining({ where: 'API', what: 'Node n1', now: '' })])
  })
})
