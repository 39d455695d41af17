import { refused } from './errors.ts'
import type { KubeObject, KubeRef, ResourceType } from './port.ts'

/** `/api/v1` or `/apis/<group>/<version>`. */
const root = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

/** URL path of a collection; `namespace` absent = all namespaces, or cluster-scoped. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${root(type.apiVersion)}${scope}/${type.plural}`
}

/** URL path of one object. A namespaced kind without a namespace is in `default`, as kubectl has it. */
export function objectPath(type: ResourceType, ref: { name: string; namespace?: string }): string {
  return `${collectionPath(type, ref.namespace ?? 'default')}/${encodeURIComponent(ref.name)}`
}

/** The reference to an object that is at hand. */
export function refOf(object: KubeObject): KubeRef {
  const { name, namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) }
}

/** `ConfigMap default/a`, for messages. */
export function describeRef(ref: { kind: string; name?: string; namespace?: string }): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name ?? '*'}`
}

/** The type of a kind. @throws HOP_KUBE_REFUSED (404, NotFound) when the server does not offer it. */
export function findType(types: readonly ResourceType[], ref: { apiVersion: string; kind: string }): ResourceType {
  const found = types.find((type) => type.apiVersion === ref.apiVersion && type.kind === ref.kind)
  if (!found) throw refused(`kind ${ref.kind} of ${ref.apiVersion}`, 404, 'NotFound', `the server offers no kind "${ref.kind}" in "${ref.apiVersion}"`)
  return found
}
