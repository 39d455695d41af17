import { sleeveOffsets } from './capture/sleeve.ts'
import type { Tunnel } from './node/captured.ts'

/** What a capture lets through; ports only, because addresses change on the way. */
export interface FilterFor {
  /** First and last local port that only this trace uses. */
  own: readonly [number, number]
  /** Ports the request is sent to: the Service's and its endpoints'. */
  to: readonly number[]
  tunnel: Tunnel | undefined
}

const udpHeader = 8
/** Where an inner IPv4 packet begins: behind the headers of UDP (8), VXLAN (8) and Ethernet (14), or behind those of sleeve. */
const innerAt: Readonly<Record<Tunnel['kind'], number>> = { vxlan: udpHeader + 8 + 14, udp: udpHeader + sleeveOffsets.packet }
const flags = 13
/** SYN or RST. */
const opening = 6

/**
 * pcap filter (pcap-filter(7)): every segment from or to the trace's own ports; handshakes and refusals at the destination's ports, for
 * address translation may change our port; errors (ICMP); and all of these inside the tunnel. IPv4 headers without options, as Linux sends them.
 */
export function captureFilter({ own: [first, last], to, tunnel }: FilterFor): string {
  const plain = `icmp or (tcp and (portrange ${first}-${last} or ((${to.map((port) => `port ${port}`).join(' or ')}) and tcp[${flags}]&${opening}!=0)))`
  if (tunnel === undefined) return plain
  const inner = innerAt[tunnel.kind]
  const innerTcp = inner + 20
  const source = `udp[${innerTcp}:2]`
  const target = `udp[${innerTcp + 2}:2]`
  const between = (field: string): string => `(${field}>=${first} and ${field}<=${last})`
  const known = to.flatMap((port) => [`${source}=${port}`, `${target}=${port}`]).join(' or ')
  const wrapped = `udp[${inner + 9}]=1 or (udp[${inner + 9}]=6 and (${between(source)} or ${between(target)} or ((${known}) and udp[${innerTcp + flags}]&${opening}!=0)))`
  return `${plain} or (udp dst port ${tunnel.port} and (${wrapped}${tunnel.kind === 'udp' ? ` or ${severalFrames}` : ''}))`
}

/** Peers send what waits in one packet, and a filter reads the first of its frames alone: where more follow, all is let through. */
const severalFrames = `udp[4:2]>udp[${udpHeader + sleeveOffsets.length}:2]+${udpHeader + sleeveOffsets.all}`
