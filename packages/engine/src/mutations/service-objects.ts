import type { KubeObject } from '@hoplab/kube'
import { onePod } from '../find-pod.ts'
import { cannot, existing, type FaultScene, type Mutation } from './mutation.ts'
import { patched } from './patched.ts'
import { unready } from './pods.ts'

/** A label that no Pod has. */
const nobody = 'hoplab.dev/nobody'

interface ServiceSpec { selector?: Record<string, string>; ports?: { port: number; targetPort?: number | string; [field: string]: unknown }[] }

/** The Service that a fault names. @throws HOP_VERB_FAILED when there is none */
export function serviceMeant({ service, namespace }: { service: string; namespace?: string | undefined }, scene: FaultScene): Promise<KubeObject & { spec: ServiceSpec }> {
  return existing({ apiVersion: 'v1', kind: 'Service', name: service, namespace: namespace ?? scene.namespace }, scene) as Promise<KubeObject & { spec: ServiceSpec }>
}

/** The Service looks for a label that no Pod has: it keeps its address and loses its endpoints. */
export const selectorWrong: Mutation<'selector-wrong'> = {
  layer: 'service',
  async plan(settings, scene) {
    const service = await serviceMeant(settings, scene)
    const gone = Object.fromEntries(Object.keys(service.spec.selector ?? {}).map((key) => [key, null]))
    const one = patched(service, { spec: { selector: { ...gone, [nobody]: 'true' } } })
    return { do: [one.do], undo: [one.undo] }
  },
}

/** The Service sends to a port on which nobody listens: connections are refused by the Pods themselves. */
export const targetPortWrong: Mutation<'target-port-wrong'> = {
  layer: 'service',
  async plan(settings, scene) {
    const service = await serviceMeant(settings, scene)
    const chosen = portMeant(service.spec, settings, scene)
    const ports = (service.spec.ports ?? []).map((port) => (port === chosen ? { ...port, targetPort: settings.to } : port))
    const one = patched(service, { spec: { ports } } as never)
    return { do: [one.do], undo: [one.undo] }
  },
}

/** The port of a Service that a fault names by its own number; default the first. @throws HOP_VERB_FAILED */
export function portMeant(spec: ServiceSpec, settings: { service: string; port?: number | undefined }, scene: FaultScene): NonNullable<ServiceSpec['ports']>[number] {
  const found = spec.ports?.find((one) => settings.port === undefined || one.port === settings.port)
  if (!found) throw cannot(scene, `find a port of Service ${settings.service}`, `It has no port ${settings.port ?? 'at all'}.`)
  return found
}

/** The Service hands out Pods that are not ready, and one is made so. */
export const publishNotReady: Mutation<'publish-not-ready'> = {
  layer: 'service',
  async plan(settings, scene) {
    const one = patched(await serviceMeant(settings, scene), { spec: { publishNotReadyAddresses: true } })
    const pod = await unready(settings.pod, settings.file, scene)
    return { do: [one.do, ...pod.do], undo: [...pod.undo, one.undo] }
  },
}

/** Every client stays with the Pod it met first. */
export const sessionAffinityOn: Mutation<'session-affinity-on'> = {
  layer: 'service',
  async plan(settings, scene) {
    // The API server fills the timeout in with the affinity and refuses it without: both are set and taken back.
    const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }
    const one = patched(await serviceMeant(settings, scene), { spec: affinity })
    return { do: [one.do], undo: [one.undo] }
  },
}

/** An EndpointSlice made by hand adds a Pod that the selector does not mean. */
export const extraEndpointSlice: Mutation<'extra-endpoint-slice'> = {
  layer: 'service',
  async plan(settings, scene) {
    const { metadata } = await serviceMeant(settings, scene)
    const { kube } = scene.cluster
    const namespace = metadata.namespace ?? 'default'
    const labels = { 'kubernetes.io/service-name': metadata.name }
    const slices = await kube.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace, labelSelector: `kubernetes.io/service-name=${metadata.name}` }, scene.deadline)
    const ports = slices.find((slice) => Array.isArray(slice.ports) && slice.ports.length > 0)?.ports
    if (!ports) throw cannot(scene, `add to Service ${metadata.name}`, 'It has no EndpointSlice with a port.')
    const pod = await onePod(settings.pod, scene.namespace, 'to add to a Service', kube, scene.deadline)
    const object = {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4', ports, metadata: { name: `hoplab-fault-${metadata.name}`, namespace, labels },
      endpoints: [{ addresses: [(pod.status as { podIP?: string }).podIP ?? ''], conditions: { ready: true } }],
    }
    return { do: [{ act: 'create', object }], undo: [{ act: 'remove', ref: { apiVersion: object.apiVersion, kind: object.kind, name: object.metadata.name, namespace } }] }
  },
}
