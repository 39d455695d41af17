/** What a capture lets through; ports only, because addresses change on the way. */
export interface FilterFor {
  /** First and last local port that only this trace uses. */
  own: readonly [number, number]
  /** Ports the request is sent to: the Service's and its endpoints'. */
  to: readonly number[]
  vxlanPort: number | undefined
}

/** Header of VXLAN (8) and Ethernet (14) behind the UDP header (8): where an inner IPv4 packet begins. */
const inner = 8 + 8 + 14
const innerTcp = inner + 20
const flags = 13
/** SYN or RST. */
const opening = 6

/**
 * pcap filter (pcap-filter(7)): every segment from or to the trace's own ports; handshakes and refusals at the destination's ports, for
 * address translation may change our port; errors (ICMP); and all of these inside VXLAN. IPv4 headers without options, as Linux sends them.
 */
export function captureFilter({ own: [first, last], to, vxlanPort }: FilterFor): string {
  const plain = `icmp or (tcp and (portrange ${first}-${last} or ((${to.map((port) => `port ${port}`).join(' or ')}) and tcp[${flags}]&${opening}!=0)))`
  if (vxlanPort === undefined) return plain
  const source = `udp[${innerTcp}:2]`
  const target = `udp[${innerTcp + 2}:2]`
  const between = (field: string): string => `(${field}>=${first} and ${field}<=${last})`
  const known = to.flatMap((port) => [`${source}=${port}`, `${target}=${port}`]).join(' or ')
  const wrapped = `udp[${inner + 9}]=1 or (udp[${inner + 9}]=6 and (${between(source)} or ${between(target)} or ((${known}) and udp[${innerTcp + flags}]&${opening}!=0)))`
  return `${plain} or (udp dst port ${vxlanPort} and (${wrapped}))`
}
