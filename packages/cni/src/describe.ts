import type { CniCapabilities } from '@hoplab/model'
import type { CniInstaller } from './port.ts'

/** A network in one line, for people: `VXLAN 1 by flannel.1 on UDP 8472; bridge cni0; addresses from each node's own range; no NetworkPolicy`. */
export function describeNetwork({ overlay, overlayBetweenSubnets, bridge, ipam, networkPolicy }: CniCapabilities): string {
  return [
    overlay === undefined ? plain[ipam] : overlayText(overlay),
    ...(overlayBetweenSubnets === undefined ? [] : [`${overlayText(overlayBetweenSubnets)} is there for nodes of other subnets only: those of this cluster share one, so it carries nothing`]),
    bridge === undefined ? 'a route for each Pod, no bridge' : `bridge ${bridge}`,
    `addresses from ${sources[ipam]}`,
    networkPolicy ? 'NetworkPolicy enforced' : 'no NetworkPolicy',
  ].join('; ')
}

/** What of a plugin is upstream's alone, in one line; undefined where all of it is offered. */
export function describeUpstreamOnly({ upstreamOnly = [] }: Pick<CniInstaller, 'upstreamOnly'>): string | undefined {
  return upstreamOnly.length === 0 ? undefined : `upstream only, not offered here: ${upstreamOnly.join(', ')}`
}

const plain = { 'per-node': 'plain routes between nodes', 'cluster-wide': 'plain routes between nodes', 'node-network': 'plain frames between neighbours' } as const
const sources = { 'per-node': 'each node\'s own range', 'cluster-wide': 'a pool of the plugin\'s own', 'node-network': 'the nodes\' own network' } as const
const kinds = { vxlan: 'VXLAN', ipip: 'IP in IP', udp: 'frames' } as const

function overlayText({ kind, device, port, vni, encrypted = false }: NonNullable<CniCapabilities['overlay']>): string {
  return `${encrypted ? 'encrypted ' : ''}${kinds[kind]}${vni === undefined ? '' : ` ${vni}`}${device === undefined ? '' : ` by ${device}`}${port === undefined ? '' : ` on UDP ${port}`}`
}
