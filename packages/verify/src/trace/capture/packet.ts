/** `ip:port` on both sides of a packet. */
export interface Ends { from: string; to: string }

/** A TCP segment's header. */
export interface Segment { seq: number; ack: number; syn: boolean; acks: boolean; rst: boolean; fin: boolean; payload: Uint8Array }

/** An IPv4 packet as far as a trace reads it. */
export interface Packet {
  src: string
  dst: string
  ttl: number
  /** Present for TCP. */
  tcp?: Segment & Ends
  /** Present for UDP. */
  udp?: Ends & { payload: Uint8Array }
  /** ICMP: what it says, and the beginning of the packet it speaks of. */
  icmp?: { type: number; code: number; about: Packet | undefined; aboutSeq: number | undefined }
  /** The packet inside, when this one carries another; `vni` in VXLAN (RFC 7348). */
  inside?: { vni: number | undefined; packet: Packet }
}

const etherIpv4 = 0x0800
const protocol = { icmp: 1, tcp: 6, udp: 17 } as const

/** Reads an IPv4 packet; undefined when it is none or too short to tell where it goes. `vxlanPort` tells which UDP port carries packets. */
export function packetIn(etherType: number, bytes: Uint8Array, vxlanPort?: number): Packet | undefined {
  return etherType === etherIpv4 ? ipv4(bytes, vxlanPort) : undefined
}

function ipv4(bytes: Uint8Array, vxlanPort: number | undefined): Packet | undefined {
  if (bytes.byteLength < 20 || (byte(bytes, 0) >> 4) !== 4) return undefined
  const header = (byte(bytes, 0) & 15) * 4
  const packet: Packet = { src: address(bytes, 12), dst: address(bytes, 16), ttl: byte(bytes, 8) }
  const rest = bytes.subarray(header)
  // A later fragment (RFC 791) has no header of its own to read.
  if (header < 20 || (uint16(bytes, 6) & 0x1fff) !== 0) return packet
  switch (byte(bytes, 9)) {
    case protocol.tcp: return { ...packet, ...tcp(packet, rest) }
    case protocol.udp: return { ...packet, ...udp(packet, rest, vxlanPort) }
    case protocol.icmp: return { ...packet, ...icmp(rest) }
    default: return packet
  }
}

function tcp({ src, dst }: Packet, bytes: Uint8Array): Pick<Packet, 'tcp'> {
  if (bytes.byteLength < 20) return {}
  const flags = byte(bytes, 13)
  return { tcp: {
    from: `${src}:${uint16(bytes, 0)}`, to: `${dst}:${uint16(bytes, 2)}`, seq: uint32(bytes, 4), ack: uint32(bytes, 8),
    fin: (flags & 1) !== 0, syn: (flags & 2) !== 0, rst: (flags & 4) !== 0, acks: (flags & 16) !== 0, payload: bytes.subarray((byte(bytes, 12) >> 4) * 4),
  } }
}

function udp({ src, dst }: Packet, bytes: Uint8Array, vxlanPort: number | undefined): Pick<Packet, 'udp' | 'inside'> {
  if (bytes.byteLength < 8) return {}
  const payload = bytes.subarray(8)
  const ends = { from: `${src}:${uint16(bytes, 0)}`, to: `${dst}:${uint16(bytes, 2)}` }
  return { udp: { ...ends, payload }, ...(uint16(bytes, 2) === vxlanPort ? vxlan(payload) : {}) }
}

/** VXLAN header: flags (the I bit says that the VNI is valid), 24 bits of VNI, then an Ethernet frame. */
function vxlan(bytes: Uint8Array): Pick<Packet, 'inside'> {
  if (bytes.byteLength < 22 || (byte(bytes, 0) & 8) === 0) return {}
  const packet = packetIn(uint16(bytes, 20), bytes.subarray(22))
  return packet ? { inside: { vni: uint32(bytes, 4) >>> 8, packet } } : {}
}

/** Errors carry the IP header and at least eight bytes of the packet they are about (RFC 792): ports and sequence number of a TCP segment. */
function icmp(bytes: Uint8Array): Pick<Packet, 'icmp'> {
  if (bytes.byteLength < 8) return {}
  const original = bytes.subarray(8)
  const about = ipv4(original, undefined)
  const rest = original.subarray((byte(original, 0) & 15) * 4)
  const isTcp = about !== undefined && byte(original, 9) === protocol.tcp && rest.byteLength >= 8
  return { icmp: { type: byte(bytes, 0), code: byte(bytes, 1), about, aboutSeq: isTcp ? uint32(rest, 4) : undefined } }
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0
const uint16 = (bytes: Uint8Array, at: number): number => (byte(bytes, at) << 8) | byte(bytes, at + 1)
const uint32 = (bytes: Uint8Array, at: number): number => ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0
const address = (bytes: Uint8Array, at: number): string => `${byte(bytes, at)}.${byte(bytes, at + 1)}.${byte(bytes, at + 2)}.${byte(bytes, at + 3)}`
