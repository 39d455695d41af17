import type { CniCapabilities } from '@hoplab/model'

/** A network in one line, for people: `VXLAN 1 by flannel.1 on UDP 8472; bridge cni0; addresses from each node's own range; no NetworkPolicy`. */
export function describeNetwork({ overlay, bridge, ipam, networkPolicy }: CniCapabilities): string {
  return [
    overlay === undefined ? 'plain routes between nodes' : overlayText(overlay),
    bridge === undefined ? 'a route for each Pod, no bridge' : `bridge ${bridge}`,
    ipam === 'per-node' ? 'addresses from each node\'s own range' : 'addresses from a pool of the plugin\'s own',
    networkPolicy ? 'NetworkPolicy enforced' : 'no NetworkPolicy',
  ].join('; ')
}

const kinds = { vxlan: 'VXLAN', ipip: 'IP in IP', udp: 'frames' } as const

function overlayText({ kind, device, port, vni, encrypted = false }: NonNullable<CniCapabilities['overlay']>): string {
  return `${encrypted ? 'encrypted ' : ''}${kinds[kind]}${vni === undefined ? '' : ` ${vni}`}${device === undefined ? '' : ` by ${device}`}${port === undefined ? '' : ` on UDP ${port}`}`
}
