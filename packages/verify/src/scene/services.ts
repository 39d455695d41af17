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
  const portName = (service.spec?.ports ?? []).find((entry) => entry.port === port)?.name ?? ''
  return slicesOf(snapshot, service).flatMap((slice) => {
    const target = (slice.ports ?? []).find((entry) => (entry.name ?? '') === portName)?.port
    return (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) =>
      endpoint.addresses.map((ip) => ({ ip, port: target, node: endpoint.nodeName, pod: endpoint.targetRef?.name })))
  })
}

/** The slices that belong to a Service, hand-made ones too. */
export function slicesOf(snapshot: Snapshot, service: Service): EndpointSlice[] {
  return snapshot.slices.filter((slice) => slice.metadata.namespace === service.metadata.namespace
    && slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
}

/** Pods that the Service's selector picks and that are Ready; empty for a Service without selector. */
export function selectedBackends(snapshot: Snapshot, service: Service): Pod[] {
  const selector = service.spec?.selector
  if (!selector || Object.keys(selector).length === 0) return []
  return snapshot.pods.filter((pod) => pod.metadata.namespace === service.metadata.namespace && hasLabels(pod, selector) && isBackend(pod))
}

const byController = 'endpointslice-controller.k8s.io'

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

const addressesOf = (pod: Pod): string[] => [pod.status?.podIP ?? [], ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)].flat()

const readyAddresses = (slice: EndpointSlice): string[] =>
  (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses)

/** The Service's ports as this Pod has them: a named target port may be another number in every Pod, or missing. */
function portsOn(service: Service, pod: Pod): { name?: string; port?: number }[] {
  return (service.spec?.ports ?? []).flatMap(({ name, port, targetPort = port, protocol = 'TCP' }) => {
    const declared = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container) => container.ports ?? [])
    const number = typeof targetPort === 'number' ? targetPort : declared.find((entry) => entry.name === targetPort && (entry.protocol ?? 'TCP') === protocol)?.containerPort
    return number === undefined ? [] : [{ name: name ?? '', port: number }]
  })
}

const portsText = (ports: readonly { name?: string; port?: number }[]): string => ports.map(({ name, port }) => `${name ?? ''}=${port}`).sort().join()
