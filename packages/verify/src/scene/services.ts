import type { EndpointSlice, Pod, Service } from './kube-shapes.ts'
import { hasLabels, isBackend } from './pods.ts'
import type { Snapshot } from './snapshot.ts'

/** The Service of this name, if there is one. */
export function serviceOf(snapshot: Snapshot, namespace: string, name: string): Service | undefined {
  return snapshot.services.find((service) => service.metadata.namespace === namespace && service.metadata.name === name)
}

/** The Service's virtual address; undefined for headless and ExternalName ones. */
export function clusterIpOf(service: Service): string | undefined {
  const address = service.spec?.clusterIP
  return address === undefined || address === '' || address === 'None' ? undefined : address
}

/** One place a Service sends requests to. */
export interface Endpoint { ip: string; port: number | undefined; node: string | undefined; pod: string | undefined }

/** Ready endpoints of one Service port as its EndpointSlices list them. `ready` left out means ready (EndpointSlice API). */
export function endpointsOf(snapshot: Snapshot, service: Service, port: number): Endpoint[] {
  return endpointsWhere(snapshot, service, port, (conditions) => conditions?.ready !== false)
}

/** The endpoints kube-proxy sends to: the ready ones, or where there is none, those that still serve while they end (KEP-1669). */
export function servingEndpoints(snapshot: Snapshot, service: Service, port: number): Endpoint[] {
  const ready = endpointsOf(snapshot, service, port)
  return ready.length > 0 ? ready : endpointsWhere(snapshot, service, port, (conditions) => conditions?.serving === true && conditions.terminating === true)
}

/**
 * Endpoints of one port and protocol that somebody may still be sent to: the ready ones, and those that serve while they end. kube-proxy removes the
 * records of UDP flows to all others. A slice without that port has none: kube-proxy ignores it.
 */
export function livingEndpoints(snapshot: Snapshot, service: Service, port: number, protocol: 'TCP' | 'UDP'): Endpoint[] {
  return endpointsWhere(snapshot, service, port, (conditions) => conditions?.ready !== false || conditions.serving === true, protocol).filter((endpoint) => endpoint.port !== undefined)
}

type Conditions = NonNullable<EndpointSlice['endpoints']>[number]['conditions']

function endpointsWhere(snapshot: Snapshot, service: Service, port: number, counts: (conditions: Conditions) => boolean, wanted?: 'TCP' | 'UDP'): Endpoint[] {
  const portName = (service.spec?.ports ?? []).find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === (wanted ?? entry.protocol ?? 'TCP'))?.name ?? ''
  return slicesOf(snapshot, service).flatMap((slice) => {
    const target = (slice.ports ?? []).find((entry) => (entry.name ?? '') === portName)?.port
    return (slice.endpoints ?? []).filter((endpoint) => counts(endpoint.conditions)).flatMap((endpoint) =>
      endpoint.addresses.map((ip) => ({ ip, port: target, node: endpoint.nodeName, pod: endpoint.targetRef?.name })))
  })
}

/** The slices that belong to a Service, hand-made ones too. */
export function slicesOf(snapshot: Snapshot, service: Service): EndpointSlice[] {
  return snapshot.slices.filter((slice) => slice.metadata.namespace === service.metadata.namespace
    && slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
}

/** Pods that the Service's selector picks, Ready or not; undefined for a Service without selector. */
export function selectedPods(snapshot: Snapshot, service: Service): Pod[] | undefined {
  const selector = service.spec?.selector
  if (!selector || Object.keys(selector).length === 0) return undefined
  return snapshot.pods.filter((pod) => pod.metadata.namespace === service.metadata.namespace && hasLabels(pod, selector))
}

/** Pods that the Service's selector picks and that are Ready; empty for a Service without selector. */
export const selectedBackends = (snapshot: Snapshot, service: Service): Pod[] => (selectedPods(snapshot, service) ?? []).filter(isBackend)

/** Who writes a slice that follows the Pods, as its label `endpointslice.kubernetes.io/managed-by` says. */
export const byController = 'endpointslice-controller.k8s.io'

/** Whether the controller's slices of this Service list exactly its ready Pods with their ports. A Service without selector has no controller to wait for. */
export function slicesAreCurrent(snapshot: Snapshot, service: Service): boolean {
  const selector = service.spec?.selector
  if (!selector || Object.keys(selector).length === 0 || service.spec?.type === 'ExternalName' || service.spec?.publishNotReadyAddresses) return true
  const backends = selectedBackends(snapshot, service)
  const slices = slicesOf(snapshot, service).filter((slice) => slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === byController)
  const listed = slices.flatMap((slice) => readyAddresses(slice).map((ip) => ({ ip, ports: portsText(slice.ports ?? []) })))
  return backends.every((pod) => addressesOf(pod).some((ip) => listed.some((entry) => entry.ip === ip)))
    && listed.every(({ ip, ports }) => backends.some((pod) => addressesOf(pod).includes(ip) && ports === portsText(portsOn(service, pod))))
}

/** Every address of a Pod, its first one first. */
export const addressesOf = (pod: Pod): string[] => [...new Set([pod.status?.podIP ?? [], ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)].flat())]

/** Addresses of the endpoints a Service sends to; `ready` left out means ready (EndpointSlice API). */
export const readyAddresses = (slice: EndpointSlice): string[] =>
  (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses)

/** The number of a target port on this Pod: a named one may be another number in every Pod, or missing (undefined). */
export function portOn(pod: Pod, targetPort: number | string, protocol = 'TCP'): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const declared = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container) => container.ports ?? [])
  return declared.find((entry) => entry.name === targetPort && (entry.protocol ?? 'TCP') === protocol)?.containerPort
}

/** The Service's ports as this Pod has them. */
function portsOn(service: Service, pod: Pod): { name?: string; port?: number }[] {
  return (service.spec?.ports ?? []).flatMap(({ name, port, targetPort = port, protocol }) => {
    const number = portOn(pod, targetPort, protocol)
    return number === undefined ? [] : [{ name: name ?? '', port: number }]
  })
}

const portsText = (ports: readonly { name?: string; port?: number }[]): string => ports.map(({ name, port }) => `${name ?? ''}=${port}`).sort().join()
