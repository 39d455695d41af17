/** One segment as a test writes it. Ends are `ip:port`. */
export interface FakeSegment { from: string; to: string; seq: number; ack: number; flags: number; payload: string }
/** A frame as a capture of `-i any` keeps it: link number, way, and the IPv4 packet. */
export interface FakeFrame {
  link: number
  way: 'in' | 'out'
  packet: Uint8Array
  /** Bytes by which the capture cut it. @default 0 */
  cut?: number
}

/** Flags of a segment. */
export const syn = 2
export const synAck = 18
export const pushAck = 24

/** An IPv4 packet with one TCP segment. */
export function segment({ from, to, seq, ack, flags, payload }: FakeSegment): Uint8Array {
  const text = new TextEncoder().encode(payload)
  return ipv4(6, from, to, joined(uint16(portOf(from)), uint16(portOf(to)), uint32(seq), uint32(ack), [5 << 4, flags], uint16(65_535), uint16(0), uint16(0), text))
}

/** The same packet inside VXLAN (RFC 7348), inside UDP. */
export function wrapped(outer: { from: string; to: string; vni: number }, packet: Uint8Array): Uint8Array {
  const inside = joined([8, 0, 0, 0], uint32(outer.vni << 8), Array.from({ length: 12 }, () => 2), uint16(0x0800), packet)
  return ipv4(17, outer.from, outer.to, joined(uint16(portOf(outer.from)), uint16(portOf(outer.to)), uint16(8 + inside.byteLength), uint16(0), inside))
}

/** The same packet as the last of Weave's frames in one UDP packet, unencrypted; before it a frame that is no IPv4 packet (ARP). */
export function sleeved(outer: { from: string; to: string }, packet: Uint8Array): Uint8Array {
  const names = Array.from({ length: 12 }, () => 0x7e)
  const frame = (etherType: number, rest: ArrayLike<number>): Uint8Array => joined(names, uint16(14 + rest.length), Array.from({ length: 12 }, () => 2), uint16(etherType), rest)
  const inside = joined(names.slice(0, 6), frame(0x0806, Array.from({ length: 28 }, () => 0)), frame(0x0800, packet))
  return ipv4(17, outer.from, outer.to, joined(uint16(portOf(outer.from)), uint16(portOf(outer.to)), uint16(8 + inside.byteLength), uint16(0), inside))
}

/** A capture file of these frames (link type LINUX_SLL2). */
export function pcap(frames: readonly FakeFrame[]): Uint8Array {
  const header = joined(uint32(0xa1b2c3d4), uint16(2), uint16(4), uint32(0), uint32(0), uint32(512), uint32(276))
  return joined(header, ...frames.map(({ link, way, packet, cut = 0 }, index) => {
    const cooked = joined(uint16(0x0800), uint16(0), uint32(link), uint16(1), [way === 'out' ? 4 : 0, 6], Array.from({ length: 8 }, () => 0), packet)
    return joined(uint32(1), uint32(index), uint32(cooked.byteLength - cut), uint32(cooked.byteLength), cooked.subarray(0, cooked.byteLength - cut))
  }))
}

function ipv4(protocol: number, from: string, to: string, rest: Uint8Array): Uint8Array {
  return joined([0x45, 0], uint16(20 + rest.byteLength), uint32(0), [64, protocol], uint16(0), address(from), address(to), rest)
}

const portOf = (end: string): number => Number(end.split(':')[1])
const address = (end: string): number[] => (end.split(':')[0] ?? '').split('.').map(Number)
const uint16 = (value: number): number[] => [(value >>> 8) & 255, value & 255]
const uint32 = (value: number): number[] => [...uint16(value >>> 16), ...uint16(value & 0xffff)]
const joined = (...parts: readonly ArrayLike<number>[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => Array.from(part)))
