import type { CniCapabilities } from '@hoplab/model'

/** A network in one line, for people: `VXLAN 1 by flannel.1 on UDP 8472; bridge cni0; addresses from each node's own range; no NetworkPolicy`. */
export function describeNetwork({ overlay, bridge, ipam, networkPolicy }: CniCapabilities): string {
  return [
    overlay === undefined ? plain[ipam] : overlayText(overlay),
    bridge === undefined ? 'a route for each Pod, no bridge' : `bridge ${bridge}`,
    `addresses from ${sources[ipam]}`,
    networkPolicy ? 'NetworkPolicy enforced' : 'no NetworkPolicy',
  ].join('; ')
}

const plain = { 'per-node': 'plain routes between nodes', 'cluster-wide': 'plain routes between nodes', 'node-network': 'plain frames between neighbours' } as const
const sources = { 'per-node': 'each node\'s own range', 'cluster-wide': 'a pool of the plugin\'s own', 'node-network': 'the nodes\' own network' } as const
const kinds = { vxlan: 'VXLAN', ipip: 'IP in IP', udp: 'frames' } as const

function overlayText({ kind, device, port, vni, encrypted = false }: NonNullable<CniCapabilities['overlay']>): string {
  return `${encrypted ? 'encrypted ' : ''}${kinds[kind]}${vni === undefined ? '' : ` ${vni}`}${device === undefined ? '' : ` by ${device}`}${port === undefined ? '' : ` on UDP ${port}`}`
}
