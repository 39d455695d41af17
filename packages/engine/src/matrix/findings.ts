import { plainLine, type Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { CniCapabilities, MatrixFindings } from '@hoplab/model'
import { nodePortFindings } from './node-port.ts'
import { linksOf, type NodeLink, routesInto } from './node-links.ts'
import { openNamespace } from './scene.ts'
import { type Found, waysOf } from './ways.ts'

/**
 * How the network of a cluster does what it does: by traces of real requests, by the devices and routes of its nodes, and by what the API says
 * of its agent. Nothing comes from what the plugin is known for.
 * @throws HOP_TRACE_BROKEN, HOP_TOOLBOX_GONE and the API's errors
 */
export async function findingsOf(found: Found, deadline: Deadline): Promise<Omit<MatrixFindings, 'policyChains'>> {
  const { cluster, capabilities } = found
  const [links, nodes, pods] = await Promise.all([linksOf(cluster, deadline), cluster.kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline), cluster.kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)])
  const ways = await waysOf(found, links, deadline)
  const worker = cluster.nodeName('worker-1')
  const linkOf = (name: string | undefined): NodeLink | undefined => links.find((link) => link.node === worker && link.name === name)
  const onWorker = (kind: string): string | undefined => ways.flatMap((way) => way.devices).find((device) => device.kind === kind && device.where === 'worker-1')?.name
  const [cable, uplink, tunnel] = [linkOf(onWorker('veth')), linkOf(onWorker('uplink')), linkOf(onWorker('tunnel'))]
  const unused = linkOf(capabilities.overlayBetweenSubnets?.device)
  const info = (nodes.find((node) => node.metadata.name === worker)?.status ?? {}) as { nodeInfo?: { kernelVersion?: string; containerRuntimeVersion?: string } }
  return {
    ways, nodePort: await nodePortFindings(cluster, links, deadline), 
    ...(cable?.bridge === undefined ? {} : { bridge: plainLine(cable.bridge, 40) }), ...(unused === undefined ? {} : { unusedTunnel: plainLine(unused.name, 40) }),
    mtu: { pod: cable?.mtu ?? 0, uplink: uplink?.mtu ?? 0, ...(tunnel === undefined ? {} : { tunnel: tunnel.mtu }) },
    routes: { node: 'worker-1', lines: await routesInto(cluster, deadline) },
    addresses: nodes.map((node) => addressesOn(node, pods, links)),
    agent: { name: `${capabilities.agent.namespace}/${capabilities.agent.name}`, images: imagesOf(pods, capabilities.agent), enforcesPolicy: capabilities.networkPolicy },
    kernel: plainLine(info.nodeInfo?.kernelVersion ?? 'unknown', 80), runtime: plainLine(info.nodeInfo?.containerRuntimeVersion ?? 'unknown', 80),
  }
}

/** Kubernetes's range for a node, and the network of its own address, beside the addresses of our Pods there. */
function addressesOn(node: KubeObject, pods: readonly KubeObject[], links: readonly NodeLink[]): MatrixFindings['addresses'][number] {
  const { podCIDR = '' } = (node.spec ?? {}) as { podCIDR?: string }
  const here = pods.filter((pod) => pod.metadata.namespace === openNamespace && (pod.spec as { nodeName?: string } | undefined)?.nodeName === node.metadata.name)
  const addresses = here.flatMap((pod) => (pod.status as { podIP?: string } | undefined)?.podIP ?? []).sort()
  const own = ((node.status as { addresses?: { type: string; address: string }[] } | undefined)?.addresses ?? []).find(({ type }) => type === 'InternalIP')?.address
  const network = links.filter((link) => link.node === node.metadata.name).flatMap(({ networks }) => networks).find((one) => one.startsWith(`${own}/`))
  const shared = network !== undefined && addresses.length > 0 && addresses.every((address) => isIn(network, address))
  return { node: node.metadata.name, range: podCIDR, pods: addresses, inRange: addresses.every((address) => isIn(podCIDR, address)), ...(shared ? { network } : {}) }
}

/** Images of the agent's containers as they run, each once. */
function imagesOf(pods: readonly KubeObject[], { namespace, name }: CniCapabilities['agent']): string[] {
  const mine = pods.filter((pod) => pod.metadata.namespace === namespace && pod.metadata.ownerReferences?.some((owner) => owner.kind === 'DaemonSet' && owner.name === name))
  const containers = mine.flatMap((pod) => { const spec = pod.spec as { containers?: { image?: string }[]; initContainers?: { image?: string }[] } | undefined; return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])] })
  return [...new Set(containers.flatMap(({ image }) => image ?? []))].map((image) => plainLine(image, 160)).sort()
}

/** Whether an IPv4 address lies in a range written as CIDR. */
export function isIn(range: string, address: string): boolean {
  const [network = '', bits = ''] = range.split('/')
  const [a, b] = [numberOf(network), numberOf(address)]
  if (a === undefined || b === undefined || bits === '') return false
  const size = 2 ** (32 - Number(bits))
  return Math.floor(a / size) === Math.floor(b / size)
}

function numberOf(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  return parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}
