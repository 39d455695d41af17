import type { PodRef, ProbeTarget } from '@hoplab/model'
import type { LoadedLab, ManifestObject } from '../loaded-lab.ts'

/** A template of Pods in the lab's manifests. */
interface Workload { namespace: string; name?: string; labels: Record<string, string>; replicas: number; ports: ReadonlySet<number>; named: ReadonlyMap<string, number> }

/** What the manifests alone make true. Errs on the side of "no": only what surely works counts. */
export class UntouchedLab {
  readonly #lab: LoadedLab
  readonly #workloads: readonly Workload[]
  constructor(lab: LoadedLab) {
    this.#lab = lab
    this.#workloads = lab.manifests.flatMap((object) => workload(object))
  }

  /** The object of the manifests, if there. */
  object(ref: { kind: string; name: string; namespace?: string | undefined }): ManifestObject | undefined {
    const namespace = ref.namespace ?? this.#lab.file.namespaces[0]
    return this.#lab.manifests.find(({ kind, metadata }) => kind === ref.kind && metadata.name === ref.name
      && (metadata.namespace === undefined || metadata.namespace === namespace))
  }

  /** Whether a request to `target` is surely answered; no claim is made where a NetworkPolicy stands in the way. */
  answers(target: ProbeTarget): boolean {
    if ('nobody' in target || 'outside' in target || this.#lab.manifests.some(({ kind }) => kind === 'NetworkPolicy')) return false
    if ('pod' in target) return this.#matching(target.pod).some(({ ports, replicas }) => replicas > 0 && ports.has(target.port))
    if (target.via === 'load-balancer' && !this.#isBalanced(target)) return false
    return this.replicasBehind(target) > 0
  }

  /** Whether requests surely arrive, and from whom they were sent by; no claim is made where a Pod may write rules or routes into its node's network. */
  get leavesNodesAlone(): boolean {
    return !this.#lab.manifests.some((object) => writesOnNodes(templateOf(object)))
  }

  /** Whether the manifests make such a Pod. */
  has(pod: PodRef): boolean { return this.#matching(pod).some(({ replicas }) => replicas > 0) }

  /** How many Pods surely serve this Service port; of a Service with an EndpointSlice among the manifests no claim is made: it may lead anywhere. */
  replicasBehind(target: { service: string; namespace?: string | undefined; port: number }): number {
    const service = this.object({ kind: 'Service', name: target.service, namespace: target.namespace })
    const spec = service?.spec as { selector?: Record<string, string>; ports?: { port: number; targetPort?: number | string }[] } | undefined
    const port = spec?.ports?.find((one) => one.port === target.port)
    if (!port || !spec?.selector || Object.keys(spec.selector).length === 0 || this.#hasSliceByHand(service?.metadata)) return 0
    const to = port.targetPort ?? port.port
    return this.#matching({ namespace: service?.metadata.namespace, labels: spec.selector })
      .filter(({ ports, named }) => ports.has(typeof to === 'string' ? named.get(to) ?? 0 : to))
      .reduce((sum, { replicas }) => sum + replicas, 0)
  }

  /** Whether our load balancer gives this Service an address: it serves no class but its own, which labs leave out. */
  #isBalanced({ service, namespace }: { service: string; namespace?: string | undefined }): boolean {
    const object = this.object({ kind: 'Service', name: service, namespace })
    return fieldAt(object, 'spec.type') === 'LoadBalancer' && fieldAt(object, 'spec.loadBalancerClass') === undefined
  }

  #hasSliceByHand(service: ManifestObject['metadata'] | undefined): boolean {
    return this.#lab.manifests.some(({ kind, metadata }) => kind === 'EndpointSlice' && metadata.namespace === service?.namespace
      && (metadata.labels as Record<string, string> | undefined)?.['kubernetes.io/service-name'] === service?.name)
  }

  #matching(pod: PodRef): Workload[] {
    const namespace = pod.namespace ?? this.#lab.file.namespaces[0]
    return this.#workloads.filter((one) => one.namespace === namespace && (pod.name === undefined || one.name === pod.name)
      && Object.entries(pod.labels ?? {}).every(([key, value]) => one.labels[key] === value))
  }
}

/** An address on which a server hears its own Pod only. */
const onLoopback = /^(?:127\.|localhost:|\[::1\])/u

const templateOf = (object: ManifestObject): PodTemplate | undefined =>
  (object.kind === 'Pod' ? object as unknown as PodTemplate : (object.spec as { template?: PodTemplate } | undefined)?.template)

/** On the node's network, with a container that may change it. */
function writesOnNodes(template: PodTemplate | undefined): boolean {
  return template?.spec?.hostNetwork === true
    && (template.spec.containers ?? []).some(({ securityContext: { privileged, capabilities } = {} }) => privileged === true || (capabilities?.add ?? []).some((name) => name === 'NET_ADMIN' || name === 'ALL'))
}

function workload(object: ManifestObject): Workload[] {
  const spec = object.spec as { replicas?: number } | undefined
  const template = templateOf(object)
  if (!template) return []
  const containers = template.spec?.containers ?? []
  const declared = containers.flatMap((container) => container.ports ?? [])
  const listening = containers.flatMap((container) => container.env ?? []).filter(({ name }) => name === 'ECHO_LISTEN')
    .flatMap(({ value = '' }) => value.split(',').map((address) => address.trim()).filter((address) => !onLoopback.test(address)).map((address) => Number(address.split(':').at(-1))))
  return [{
    namespace: object.metadata.namespace ?? '', ...(object.kind === 'Pod' ? { name: object.metadata.name } : {}),
    labels: template.metadata?.labels ?? {}, replicas: object.kind === 'Pod' ? 1 : spec?.replicas ?? 1,
    ports: new Set([...listening, ...declared.map((port) => port.containerPort)]),
    named: new Map(declared.flatMap((port) => (port.name ? [[port.name, port.containerPort] as const] : []))),
  }]
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string> }
  spec?: { hostNetwork?: boolean; containers?: ContainerTemplate[] }
}

interface ContainerTemplate {
  ports?: { name?: string; containerPort: number }[]
  env?: { name: string; value?: string }[]
  securityContext?: { privileged?: boolean; capabilities?: { add?: string[] } }
}

/** The value at a dotted path such as `spec.ports[0].port`. */
export function fieldAt(object: unknown, path: string): unknown {
  return path.replace(/\[(\d+)\]/gu, '.$1').split('.').filter(Boolean)
    .reduce<unknown>((value, key) => (value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined), object)
}
