import { type Deadline } from '@hoplab/core'
import { refused } from '../errors.ts'
import type { KubeClient, KubeListRef, KubeObject, KubeRef, PatchType, ResourceType } from '../port.ts'
import { describeRef, findType, refOf } from '../resource-path.ts'
import { jsonPatch, mergePatch } from './patches.ts'

/** What a command in a Pod of the fake does. */
export type FakeExec = (ref: { namespace: string; pod: string; container?: string }, argv: string[]) => Promise<{ exitCode: number; stdout: string; stderr: string }>

const all = ['create', 'delete', 'get', 'list', 'patch', 'update']
const type = (apiVersion: string, kind: string, plural: string, namespaced = true): ResourceType => ({ apiVersion, kind, plural, namespaced, verbs: all })

/** The kinds that labs use. */
export const fakeTypes: ResourceType[] = [
  type('v1', 'Namespace', 'namespaces', false), type('v1', 'Node', 'nodes', false), type('v1', 'Pod', 'pods'), type('v1', 'Service', 'services'),
  type('v1', 'ConfigMap', 'configmaps'), type('v1', 'Secret', 'secrets'), type('v1', 'ServiceAccount', 'serviceaccounts'), type('v1', 'Event', 'events'),
  type('v1', 'Endpoints', 'endpoints'),
  type('apps/v1', 'Deployment', 'deployments'), type('apps/v1', 'DaemonSet', 'daemonsets'), type('apps/v1', 'ReplicaSet', 'replicasets'),
  type('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'), type('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  type('coordination.k8s.io/v1', 'Lease', 'leases'),
  type('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false), type('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
]

/**
 * An API server's object store in memory: versions, conflicts, missing namespaces and selectors behave as the real one's do
 * (`kubeClientContract` runs against both). No controllers: nothing happens to an object that nobody writes. Strategic patches merge like merge patches.
 */
export class FakeKube implements KubeClient {
  readonly objects = new Map<string, KubeObject>()
  /** Every write, in order: `create ConfigMap default/a`. */
  readonly writes: string[] = []
  onExec: FakeExec = () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' })
  types: ResourceType[] = fakeTypes
  #revision = 0

  constructor(objects: readonly KubeObject[] = []) {
    for (const name of ['default', 'kube-system']) this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    for (const object of objects) this.put(object)
  }

  /** Stores an object as it is, past every rule. */
  put(object: KubeObject): KubeObject {
    const labels = object.kind === 'Namespace' ? { labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name } } : {}
    const metadata = { uid: `uid-${++this.#revision}`, creationTimestamp: '2026-01-01T00:00:00Z', ...object.metadata, ...labels, resourceVersion: String(++this.#revision) }
    const stored = structuredClone({ ...object, metadata })
    this.objects.set(this.#key(stored), stored)
    return structuredClone(stored)
  }

  async get(ref: KubeRef, deadline: Deadline): Promise<KubeObject | undefined> {
    deadline.throwIfOver()
    return structuredClone(this.objects.get(this.#key(ref)))
  }

  async list(ref: KubeListRef, deadline: Deadline): Promise<KubeObject[]> {
    deadline.throwIfOver()
    findType(this.types, ref)
    const matches = [...this.objects.values()].filter((object) => object.apiVersion === ref.apiVersion && object.kind === ref.kind
      && (ref.namespace === undefined || object.metadata.namespace === ref.namespace)
      && selects(ref.labelSelector, (key) => object.metadata.labels?.[key]) && selects(ref.fieldSelector, (path) => field(object, path)))
    return structuredClone(matches)
  }

  async apply(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    deadline.throwIfOver()
    const placed = this.#place(object)
    this.writes.push(`apply ${describeRef(refOf(placed))}`)
    const old = this.objects.get(this.#key(placed))
    return this.put(old ? mergePatch(old, placed) as KubeObject : placed)
  }

  async create(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    deadline.throwIfOver()
    const placed = this.#place(object)
    if (this.objects.has(this.#key(placed))) throw refused(`create ${describeRef(refOf(placed))}`, 409, 'AlreadyExists', `${describeRef(refOf(placed))} already exists`)
    this.writes.push(`create ${describeRef(refOf(placed))}`)
    return this.put(placed)
  }

  async replace(object: KubeObject, deadline: Deadline): Promise<KubeObject> {
    deadline.throwIfOver()
    const placed = this.#place(object)
    const old = this.#existing(refOf(placed))
    const { resourceVersion } = placed.metadata
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
      throw refused(`replace ${describeRef(refOf(placed))}`, 409, 'Conflict', 'the object has been modified')
    }
    this.writes.push(`replace ${describeRef(refOf(placed))}`)
    return this.put({ ...placed, metadata: { ...placed.metadata, uid: old.metadata.uid ?? '' } })
  }

  async patch(ref: KubeRef, patchType: PatchType, body: unknown, deadline: Deadline): Promise<KubeObject> {
    deadline.throwIfOver()
    const old = this.#existing(ref)
    this.writes.push(`patch ${describeRef(refOf(old))}`)
    return this.put((patchType === 'json' ? jsonPatch(old, body as Parameters<typeof jsonPatch>[1]) : mergePatch(old, body)) as KubeObject)
  }

  async delete(ref: KubeRef, deadline: Deadline): Promise<void> {
    deadline.throwIfOver()
    const old = this.objects.get(this.#key(ref))
    if (!old) return
    this.writes.push(`delete ${describeRef(refOf(old))}`)
    this.objects.delete(this.#key(ref))
    for (const [key, object] of this.objects) if (ref.kind === 'Namespace' && object.metadata.namespace === ref.name) this.objects.delete(key)
  }

  async resourceTypes(deadline: Deadline): Promise<ResourceType[]> { deadline.throwIfOver(); return structuredClone(this.types) }
  async version(deadline: Deadline): Promise<string> { deadline.throwIfOver(); return 'v1.34.2' }
  async exec(...[ref, argv, deadline]: Parameters<KubeClient['exec']>): ReturnType<KubeClient['exec']> { deadline.throwIfOver(); return this.onExec(ref, argv) }

  #place(object: KubeObject): KubeObject {
    const { namespaced } = findType(this.types, object)
    if (!namespaced) return object
    const namespace = object.metadata.namespace ?? 'default'
    if (!this.objects.has(`v1 Namespace /${namespace}`)) throw refused(`write ${describeRef(refOf(object))}`, 404, 'NotFound', `namespaces "${namespace}" not found`)
    return { ...object, metadata: { ...object.metadata, namespace } }
  }

  #existing(ref: KubeRef): KubeObject {
    const found = this.objects.get(this.#key(ref))
    if (!found) throw refused(`write ${describeRef(ref)}`, 404, 'NotFound', `${describeRef(ref)} not found`)
    return found
  }

  #key(of: KubeRef | KubeObject): string {
    const { name, namespace } = 'metadata' in of ? (of as KubeObject).metadata : of as KubeRef
    const namespaced = this.types.find((known) => known.apiVersion === of.apiVersion && known.kind === of.kind)?.namespaced ?? namespace !== undefined
    return `${of.apiVersion} ${of.kind} ${namespaced ? namespace ?? 'default' : ''}/${name}`
  }
}

/** `a=b,c!=d,e`: the equality selectors of the API and bare existence. */
function selects(selector: string | undefined, valueOf: (key: string) => string | undefined): boolean {
  return (selector ?? '').split(',').filter(Boolean).every((term) => {
    const [, key = '', operator, wanted] = /^([^=!]+)(?:(!=|==?)(.*))?$/u.exec(term) ?? []
    if (operator === undefined) return valueOf(key) !== undefined
    return (valueOf(key) === wanted) === (operator !== '!=')
  })
}

function field(object: KubeObject, path: string): string | undefined {
  const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object)
  return value === undefined ? undefined : String(value)
}
