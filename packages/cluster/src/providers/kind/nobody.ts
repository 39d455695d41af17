import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { highestFree } from './addresses.ts'

/** Ranges and addresses in which somebody is looked for who is not there. */
export interface NobodyContext { kube: KubeClient; serviceSubnet: string; podSubnet: string; host: string }

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
  const taken = await takenBy(kube, 'Pod', (item) => (item.status as { podIPs?: { ip: string }[] } | undefined)?.podIPs?.map(({ ip }) => ip), deadline)
  return highestFree(await someNodesPodCidr(kube, context.podSubnet, deadline), taken) ?? ''
}

async function takenBy(kube: KubeClient, kind: string, addresses: (item: KubeObject) => string[] | undefined, deadline: Deadline): Promise<Set<string>> {
  return new Set((await kube.list({ apiVersion: 'v1', kind }, deadline)).flatMap((item) => addresses(item) ?? []))
}

/** The range of the last node that has one: an unused address there takes the whole way through the overlay. */
async function someNodesPodCidr(kube: KubeClient, otherwise: string, deadline: Deadline): Promise<string> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.map((node) => (node.spec as { podCIDR?: string } | undefined)?.podCIDR).findLast((cidr) => cidr !== undefined) ?? otherwise
}
