import type { Deadline } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import { parse } from 'yaml'

/** Names of nodes that Kubernetes has given no range for their Pods (Node.spec.podCIDR). */
export async function nodesWithoutRange(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.filter((node) => !(node.spec as { podCIDR?: string } | undefined)?.podCIDR).map(({ metadata }) => metadata.name)
}

/** Addresses of Pods as the cluster was made with them: what kubeadm keeps, and kube-proxy goes by. Undefined where it does not say. */
export async function podRangeOfCluster(kube: KubeClient, deadline: Deadline): Promise<string | undefined> {
  const kept = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'kubeadm-config' }, deadline)
  const { ClusterConfiguration: text } = (kept?.data ?? {}) as { ClusterConfiguration?: string }
  const read = text === undefined ? undefined : parse(text) as { networking?: { podSubnet?: string } } | null
  return read?.networking?.podSubnet
}
