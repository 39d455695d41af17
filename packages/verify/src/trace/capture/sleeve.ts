import { type Packet, packetIn } from './packet.ts'

/** Weave's peer name: an Ethernet address. */
const name = 6
/** Two names and a length before each frame. */
const frameHeader = 2 * name + 2
const ethernetHeader = 14

/** Where the first frame's length and its packet stand behind the UDP header; for filters that cannot follow one frame after another. */
export const sleeveOffsets = { length: name + 2 * name, packet: name + frameHeader + ethernetHeader, all: name + frameHeader } as const

/**
 * The packets in the payload of a UDP packet of Weave's sleeve overlay, as its peers write them unencrypted: the sender's name, then frames, each with the
 * names of the peers that it goes from and to, and its length (`router/frame_crypto.go` of Weave Net 2.6.5). What is cut off, or is none, is left out.
 */
export function sleevePackets(payload: Uint8Array): Packet[] {
  const packets: Packet[] = []
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  for (let at = name; at + frameHeader + ethernetHeader <= payload.byteLength;) {
    const length = view.getUint16(at + 2 * name)
    const frame = payload.subarray(at + frameHeader, at + frameHeader + length)
    const packet = frame.byteLength > ethernetHeader ? packetIn((frame[12] ?? 0) << 8 | (frame[13] ?? 0), frame.subarray(ethernetHeader)) : undefined
    if (packet) packets.push(packet)
    at += frameHeader + length
  }
  return packets
}
