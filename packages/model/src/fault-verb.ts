import { z } from 'zod'
import { podRef } from './target.ts'
import { slug } from './text.ts'

const namespace = slug.optional()
/** A node by position: `control-plane`, `worker-1`, `worker-2`, …. */
const node = z.string().min(1)
const everyNode = { node: node.optional() }
const service = { service: slug, namespace }
const port = z.int().min(1).max(65_535)
const cidr = z.string().regex(/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/u, 'must be an IPv4 range such as 10.99.0.0/16')
/** The file that makes an echo server say that it is not ready (its ECHO_UNREADY_FILE). */
const unreadyFile = z.string().default('/tmp/unready')
/** A Deployment, or a bare Pod that no controller would make again. */
const workload = z.strictObject({ deployment: slug.optional(), pod: slug.optional(), namespace })
  .refine((value) => (value.deployment === undefined) !== (value.pod === undefined), 'must have either "deployment" or "pod"')

/**
 * What each fault may be told, by name. Namespaces default to the lab's first, `node` to every node where it may be left out.
 * Faults that a cluster must be made with (overlapping ranges) and faults of add-ons (Ingress, TLS) are not among them; etcd is left alone.
 */
export const faultSettings = {
  /** The Service looks for a label that no Pod has. */
  'selector-wrong': z.strictObject(service),
  /** The Service sends to a port on which nobody listens. `port` is the Service's own; default its first. */
  'target-port-wrong': z.strictObject({ ...service, port: port.optional(), to: port.default(9) }),
  /** The first named port of a Deployment's Pods is called otherwise than the Service's targetPort. */
  'named-port-differs': z.strictObject({ deployment: slug, namespace, to: slug.default('renamed') }),
  /** The first of these Pods says that it is not ready, and goes on serving. */
  'readiness-failing': z.strictObject({ pod: podRef, file: unreadyFile }),
  /** The Service hands out Pods that are not ready, and the first of these is made so. */
  'publish-not-ready': z.strictObject({ ...service, pod: podRef, file: unreadyFile }),
  /** Every client stays with the Pod it met first. */
  'session-affinity-on': z.strictObject(service),
  /** An EndpointSlice made by hand adds a Pod that the selector does not mean. */
  'extra-endpoint-slice': z.strictObject({ ...service, pod: podRef }),
  /** The Pods borrow their node's network. */
  'host-network-client': workload,
  /** The Pods ask their node's name server. */
  'client-dns-policy-default': workload,
  /** The echo server listens on 127.0.0.1 only; its probes are taken away. */
  'server-on-loopback': workload,
  /** Sidecars become ordinary init containers that never end. */
  'sidecar-without-restart-policy': workload,
  /** Nothing may enter or leave the namespace's Pods; not enforced on a CNI without NetworkPolicy. */
  'default-deny': z.strictObject({ namespace }).prefault({}),
  /** CoreDNS has no Pod. */
  'coredns-scaled-down': z.strictObject({}).prefault({}),
  /** CoreDNS serves another zone than cluster.local. */
  'cluster-zone-renamed': z.strictObject({ zone: z.string().regex(/^[a-z0-9.-]+$/u, 'must be a domain name').default('renamed.example') }).prefault({}),
  /** The node forwards nothing. */
  'ip-forward-off': z.strictObject({ node }),
  /** The node drops packets whose way back is another interface; default device is the overlay's. */
  'rp-filter-strict': z.strictObject({ node, device: z.string().regex(/^[a-z0-9.@-]+$/u).optional() }),
  /** Traffic between Pods is masqueraded as well. */
  'masquerade-too-wide': z.strictObject(everyNode).prefault({}),
  /** Traffic of Pods to the outside keeps the Pod's address. On Calico on every node or on none: it has this per pool of addresses. */
  'masquerade-off': z.strictObject(everyNode).prefault({}),
  /** The node forwards no packet of this protocol, or only none that was first sent to this port. */
  'forward-drop': z.strictObject({ ...everyNode, protocol: z.enum(['tcp', 'udp']).default('tcp'), port: port.optional() }).prefault({}),
  /** The node drops the overlay's packets that come in. */
  'vxlan-port-dropped': z.strictObject({ node }),
  /** The node does not know behind which node the overlay's other end is. */
  'fdb-entry-removed': z.strictObject({ node, peer: node }),
  /** The node has no route to the Pods of another. */
  'route-removed': z.strictObject({ node, peer: node }),
  /** Pods and overlay of the node send packets that do not fit into the uplink once they are wrapped. */
  'mtu-too-high': z.strictObject({ ...everyNode, mtu: z.int().min(1_280).max(9_000).default(1_500) }).prefault({}),
  /** kube-proxy takes another range than the Pods' for the cluster's. */
  'proxy-cluster-cidr-wrong': z.strictObject({ cidr: cidr.default('10.99.0.0/16') }).prefault({}),
  /** The node has no kube-proxy any more; its rules stay as they were. */
  'kube-proxy-stopped': z.strictObject({ node }),
  /** The node has lost the rules that send a Service's packets to its Pods. `port` is the Service's own; default its first. */
  'service-rule-deleted': z.strictObject({ ...service, node, port: port.optional() }),
  /** The node has no CNI configuration. */
  'cni-conf-missing': z.strictObject({ node }),
  /** The node has a second CNI configuration that comes first by name; new Pods get addresses of `range`. */
  'second-conflist-first': z.strictObject({ node, range: cidr.default('10.99.0.0/24') }),
  /** The namespace and all that was in it are gone. */
  'namespace-deleted': z.strictObject({ namespace }).prefault({}),
} as const

/** Name of a fault. */
export type FaultName = keyof typeof faultSettings
/** What a fault is told, with defaults filled in. */
export type FaultSettings<N extends FaultName> = z.output<(typeof faultSettings)[N]>

/** With `with` only where there is something to tell. */
const one = <N extends FaultName>(fault: N): z.ZodObject<{ fault: z.ZodLiteral<N>; with: (typeof faultSettings)[N] }, z.core.$strict> =>
  z.strictObject({ fault: z.literal(fault), with: faultSettings[fault] })

/** One fault to put in. What it changes is recorded first, so that exactly this can be taken back. */
export const faultVerb = z.discriminatedUnion('fault', [
  one('selector-wrong'), one('target-port-wrong'), one('named-port-differs'), one('readiness-failing'), one('publish-not-ready'),
  one('session-affinity-on'), one('extra-endpoint-slice'), one('host-network-client'), one('client-dns-policy-default'), one('server-on-loopback'),
  one('sidecar-without-restart-policy'), one('default-deny'), one('coredns-scaled-down'), one('cluster-zone-renamed'), one('ip-forward-off'),
  one('rp-filter-strict'), one('masquerade-too-wide'), one('masquerade-off'), one('forward-drop'), one('vxlan-port-dropped'),
  one('fdb-entry-removed'), one('route-removed'), one('mtu-too-high'), one('proxy-cluster-cidr-wrong'), one('kube-proxy-stopped'),
  one('service-rule-deleted'), one('cni-conf-missing'), one('second-conflist-first'), one('namespace-deleted'),
])
/** See {@link faultVerb}. */
export type FaultVerb = { [N in FaultName]: { fault: N; with: FaultSettings<N> } }[FaultName]
