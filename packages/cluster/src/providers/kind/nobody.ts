import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { CniCapabilities } from '@hoplab/model'
import { highestFree } from './addresses.ts'

/** Ranges and addresses in which somebody is looked for who is not there. */
export interface NobodyContext { kube: KubeClient; serviceSubnet: string; podSubnet: string; ipam: CniCapabilities['ipam']; host: string }

/** Sorts of addresses that nothing may answer at. */
export type NobodySort = 'cluster-ip' | 'pod-ip' | 'gateway' | 'link-local' | 'public'

/** An address of `sort` that no object of the cluster owns now. `gateway` is the host's end of the lab's network. */
export async function nobodyAt(sort: NobodySort, context: NobodyContext, deadline: Deadline): Promise<string> {
  const { kube, host } = context
  if (sort === 'gateway') return host
  // The address at which clouds serve instance metadata.
  if (sort === 'link-local') return '169.254.169.254'
  // Reserved for documentation (RFC 5737), routed like any public address; so nobody is ever disturbed.
  if (sort === 'public') return '203.0.113.7'
  if (sort === 'cluster-ip') return highestFree(context.serviceSubnet, await takenBy(kube, 'Service', (item) => (item.spec as { clusterIPs?: string[] }).clusterIPs, deadline)) ?? ''
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)
  const taken = new Set(pods.flatMap((pod) => (pod.status as PodStatus | undefined)?.podIPs?.map(({ ip }) => ip) ?? []))
  return highestFree(await someNodesRange(context, pods, deadline), taken) ?? ''
}

interface PodStatus { podIPs?: { ip: string }[] }

async function takenBy(kube: KubeClient, kind: string, addresses: (item: KubeObject) => string[] | undefined, deadline: Deadline): Promise<Set<string>> {
  return new Set((await kube.list({ apiVersion: 'v1', kind }, deadline)).flatMap((item) => addresses(item) ?? []))
}

/** A plugin that hands out addresses by itself gives nodes at least this much at once: Calico's smallest usual block. */
const blockBits = 26

/** Addresses that lead to the last node that has some: an unused one takes the whole way between nodes. */
async function someNodesRange({ kube, podSubnet, ipam }: NobodyContext, pods: readonly KubeObject[], deadline: Deadline): Promise<string> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  if (ipam === 'per-node') return nodes.map((node) => (node.spec as { podCIDR?: string } | undefined)?.podCIDR).findLast((cidr) => cidr !== undefined) ?? podSubnet
  const onNode = (name: string): string | undefined => pods.filter((pod) => (pod.spec as { nodeName?: string; hostNetwork?: boolean }).nodeName === name && (pod.spec as { hostNetwork?: boolean }).hostNetwork !== true)
    .flatMap((pod) => (pod.status as PodStatus | undefined)?.podIPs?.[0]?.ip ?? [])[0]
  const known = nodes.map((node) => onNode(node.metadata.name)).findLast((address) => address !== undefined)
  return known === undefined ? podSubnet : `${known}/${blockBits}`
}
