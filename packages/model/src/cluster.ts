import { z } from 'zod'

/** What makes the cluster. */
export const providerName = z.enum(['kind', 'embedded'])
/** See {@link providerName}. */
export type ProviderName = z.infer<typeof providerName>

/** CNI plugins the product knows; which of them are installed here is told by their `probe()`. */
export const cniName = z.enum(['flannel', 'calico', 'weave', 'aws-vpc', 'routes'])
/** See {@link cniName}. */
export type CniName = z.infer<typeof cniName>

/** How kube-proxy writes its rules. */
export const proxyMode = z.enum(['iptables', 'nftables'])
/** See {@link proxyMode}. */
export type ProxyMode = z.infer<typeof proxyMode>

/** How packets travel between nodes inside other packets. */
export const overlayFacts = z.strictObject({
  /** `udp`: frames one after another in UDP packets of the plugin's own making (Weave calls it sleeve). */
  kind: z.enum(['vxlan', 'ipip', 'udp']),
  /** Nobody but the nodes can read what is inside. @default false */
  encrypted: z.boolean().optional(),
  /** Linux device that wraps the packets, as the plugin names it; missing where a user-space program does it. */
  device: z.string().optional(),
  /** UDP port of the outer packets. */
  port: z.int().optional(),
  /** VXLAN network identifier. */
  vni: z.int().optional(),
  /** Bytes that wrapping adds to each packet: what a Pod's MTU must be smaller than the uplink's. */
  overhead: z.int().min(0),
})
/** See {@link overlayFacts}. */
export type OverlayFacts = z.infer<typeof overlayFacts>

/** What a CNI plugin brings to a cluster; a check that needs what it does not bring is not offered on it. */
export const cniCapabilities = z.strictObject({
  /** Whether it enforces NetworkPolicy. */
  networkPolicy: z.boolean(),
  /** Missing where packets of Pods travel between nodes as they are. */
  overlay: overlayFacts.optional(),
  /**
   * A tunnel for nodes of other networks only. Its device is there; between nodes of one network, as those of every cluster here are, nothing is
   * wrapped. Never beside `overlay`.
   */
  overlayBetweenSubnets: overlayFacts.optional(),
  /** Linux bridge that Pods of one node are attached to; missing where each has a route of its own. */
  bridge: z.string().optional(),
  /** `type` of the first plugin in the file that the container runtime reads. */
  plugin: z.string(),
  /**
   * Where a Pod's address comes from. `per-node`: the range that Kubernetes gave to its node (Node.spec.podCIDR). `cluster-wide`: the plugin
   * itself gives nodes parts of the cluster's Pod range, whatever Kubernetes gave them. `node-network`: the nodes' own network, in which a Pod is a
   * neighbour of every node.
   */
  ipam: z.enum(['per-node', 'cluster-wide', 'node-network']),
  /** DaemonSet that keeps the nodes' network up to date. */
  agent: z.strictObject({ namespace: z.string(), name: z.string() }),
})
/** See {@link cniCapabilities}. */
export type CniCapabilities = z.infer<typeof cniCapabilities>

/** What a CNI plugin asks of a cluster before its first node is made. */
export interface ClusterNeeds {
  /** Parts of kubeadm's configuration that are laid over kind's own, by `kind`. @default none */
  kubeadm?: readonly Readonly<Record<string, unknown>>[]
  /** Kernel settings of every node's network by name, e.g. `net.ipv4.conf.eth0.proxy_arp`; there before anything is installed. @default none */
  sysctls?: Readonly<Record<string, string>>
}

/** The network of one cluster, as it was asked for. */
export const networkFacts = cniCapabilities.extend({
  cni: cniName,
  proxyMode,
  /** Addresses of Pods, as CIDR. */
  podSubnet: z.string(),
  /** ClusterIPs, as CIDR. */
  serviceSubnet: z.string(),
})
/** See {@link networkFacts}. */
export type NetworkFacts = z.infer<typeof networkFacts>

/** Something not every cluster has, as a check asks for it. */
export const capability = z.enum(['network-policy', 'overlay'])
/** See {@link capability}. */
export type Capability = z.infer<typeof capability>

/** Those of `asked` that this network does not have. */
export function missingCapabilities(asked: readonly Capability[], network: NetworkFacts): Capability[] {
  const has: Record<Capability, boolean> = { 'network-policy': network.networkPolicy, overlay: network.overlay !== undefined }
  return asked.filter((one) => !has[one])
}

/** Where container images come from. */
export const imageSource = z.enum(['auto', 'upstream', 'local', 'bundle'])
/** See {@link imageSource}. */
export type ImageSource = z.infer<typeof imageSource>

/** A node as results name it. */
export const nodeFacts = z.strictObject({
  /** Kubernetes Node name, which is also the container name. */
  name: z.string(),
  role: z.enum(['control-plane', 'worker']),
  /** InternalIP. */
  address: z.string(),
})
/** See {@link nodeFacts}. */
export type NodeFacts = z.infer<typeof nodeFacts>

/** A running cluster as results name it. */
export const clusterFacts = z.strictObject({
  name: z.string(),
  kubernetes: z.string(),
  kubeProxyMode: proxyMode,
  images: z.record(z.string(), z.string()),
  nodes: z.array(nodeFacts),
})
/** See {@link clusterFacts}. */
export type ClusterFacts = z.infer<typeof clusterFacts>
