/** Which way a packet passed an interface, as the kernel says. */
export type Way = 'in' | 'out'

/** A packet with the interface it was seen on. */
export interface Cooked {
  /** Index of the interface in the network namespace that was captured in. */
  interface: number
  way: Way
  etherType: number
  payload: Uint8Array
}

const headerLength = 20
const outgoing = 4

/** Reads the pseudo link header of `-i any` (LINKTYPE_LINUX_SLL2); undefined when there is less than that. */
export function cooked(bytes: Uint8Array): Cooked | undefined {
  if (bytes.byteLength < headerLength) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Packet type 0 to 3 were received: for us, broadcast, multicast, for somebody else.
  return { etherType: view.getUint16(0), interface: view.getUint32(4), way: view.getUint8(10) === outgoing ? 'out' : 'in', payload: bytes.subarray(headerLength) }
}
