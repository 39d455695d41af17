import { canonicalJson, type Deadline } from '@hoplab/core'
import { describeRef, type KubeClient, type KubeObject, refOf, type ResourceType } from '@hoplab/kube'

/** Kinds that controllers write for others or that only record what happened. */
const written = new Set(['Event', 'Endpoints', 'Lease', 'ControllerRevision', 'PodMetrics'])

/** Objects that the cluster itself puts into every namespace. */
const cluster = (object: KubeObject): boolean =>
  (object.kind === 'ServiceAccount' && object.metadata.name === 'default')
  || (object.kind === 'ConfigMap' && object.metadata.name === 'kube-root-ca.crt')
  || (object.kind === 'Secret' && object.type === 'kubernetes.io/service-account-token')

/** Whether a controller made it from another object, and will make it again. */
export const isOwned = (object: KubeObject): boolean => (object.metadata.ownerReferences ?? []).some((owner) => owner.controller)
  || (object.kind === 'EndpointSlice' && object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-controller.k8s.io')
  || (object.kind === 'EndpointSlice' && object.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslicemirroring-controller.k8s.io')

/** Namespaced kinds that a lab may hold: the preferred version of each that can be listed, written and deleted. */
export function restorable(types: readonly ResourceType[]): ResourceType[] {
  const usable = types.filter((type) => type.namespaced && !written.has(type.kind) && ['list', 'delete', 'create', 'update'].every((verb) => type.verbs.includes(verb)))
  const seen = new Set<string>()
  return usable.filter((type) => {
    const group = type.apiVersion.includes('/') ? type.apiVersion.split('/')[0] : ''
    const key = `${group}/${type.plural}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Objects of `namespaces` that somebody made, with the Namespaces themselves. */
export async function labObjects(kube: KubeClient, offered: readonly ResourceType[], namespaces: readonly string[], deadline: Deadline): Promise<KubeObject[]> {
  const types = restorable(offered)
  const asked = await Promise.all(namespaces.flatMap((namespace) => [
    kube.get({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, deadline).then((found) => (found ? [found] : [])),
    ...types.map((type) => kube.list({ apiVersion: type.apiVersion, kind: type.kind, namespace }, deadline)),
  ]))
  return asked.flat().filter((object) => !cluster(object) && !isOwned(object))
}

/** The cluster's own configuration that a lab may change. */
const configuration = new Set([
  'ConfigMap kube-system/coredns', 'ConfigMap kube-system/kube-proxy', 'Deployment kube-system/coredns', 'DaemonSet kube-system/kube-proxy', 'Service kube-system/kube-dns',
])
const configurationKinds: Record<string, readonly string[]> = {
  'kube-system': ['ConfigMap', 'Deployment', 'DaemonSet', 'Service', 'NetworkPolicy'],
  default: ['NetworkPolicy'],
}
/** In the namespace of the CNI's agent. */
const cniKinds = ['ConfigMap', 'DaemonSet', 'NetworkPolicy']
const apiVersions: Record<string, string> = { Deployment: 'apps/v1', DaemonSet: 'apps/v1', NetworkPolicy: 'networking.k8s.io/v1' }

/**
 * Cluster-wide kinds of CNI plugins that are somebody's wish. What a plugin writes down for itself, such as which addresses are taken, is none.
 */
const wishes = new Set(['IPPool', 'IPReservation', 'FelixConfiguration', 'BGPConfiguration', 'BGPPeer', 'BGPFilter', 'HostEndpoint', 'GlobalNetworkPolicy', 'GlobalNetworkSet']
  .map((kind) => `crd.projectcalico.org/v1 ${kind}`))

/** See {@link configuration}; with the objects of the CNI, whose agent is in `cniNamespace`, and labels and taints of every Node. */
export async function clusterObjects(kube: KubeClient, offered: readonly ResourceType[], cniNamespace: string, deadline: Deadline): Promise<KubeObject[]> {
  const namespaced = Object.entries({ ...configurationKinds, [cniNamespace]: cniKinds }).flatMap(([namespace, kinds]) =>
    kinds.map((kind) => kube.list({ apiVersion: apiVersions[kind] ?? 'v1', kind, namespace }, deadline)))
  const wide = offered.filter(({ apiVersion, kind }) => wishes.has(`${apiVersion} ${kind}`)).map(({ apiVersion, kind }) => kube.list({ apiVersion, kind }, deadline))
  const chosen = (await Promise.all([...namespaced, ...wide])).flat().filter((object) => !cluster(object)
    && (object.metadata.namespace !== 'kube-system' || object.kind === 'NetworkPolicy' || configuration.has(describeRef(refOf(object)))))
  return [...chosen, ...await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)]
}

/** Labels and annotations that controllers keep up to date by themselves; of a Pod the address and sandbox that Calico's plugin notes there. */
const kept = /^(?:cni\.projectcalico\.org\/(?:containerID|podIPs?)$|deployment\.kubernetes\.io\/revision|deprecated\.daemonset\.template\.generation|pv\.kubernetes\.io\/|kubectl\.kubernetes\.io\/last-applied)/u

/** The part of an object that somebody wanted, as text: two objects with equal texts need no restoring. */
export function wanted(object: KubeObject): string {
  const { labels = {}, annotations = {} } = object.metadata
  if (object.kind === 'Node') return canonicalJson({ labels, taints: (object.spec as { taints?: unknown[] } | undefined)?.taints ?? [] })
  const { metadata: _metadata, status: _status, apiVersion: _version, kind: _kind, ...rest } = object
  return canonicalJson({ labels, annotations: noted(annotations), ...(object.kind === 'Pod' ? { spec: podWanted(rest.spec as Record<string, unknown>) } : rest) })
}

/** What somebody noted, and no controller. */
const noted = (annotations: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(annotations).filter(([key]) => !kept.test(key)))

/** A bare Pod without what scheduler and admission filled in. */
function podWanted(spec: Record<string, unknown>): unknown {
  const { nodeName: _node, tolerations: _tolerations, ...wantedSpec } = spec
  return wantedSpec
}

/** An object as it is sent to be made again: without the server's own fields and the notes of controllers, which would be those of the one that is gone. */
export function fresh(object: KubeObject): KubeObject {
  const { name, namespace, labels, annotations } = object.metadata
  const { status: _status, ...rest } = object
  return { ...rest, metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}), ...(annotations ? { annotations: noted(annotations) } : {}) } } as KubeObject
}
