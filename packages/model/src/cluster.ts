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
