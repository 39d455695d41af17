import { type Frame, linuxCooked2 } from './pcap-file.ts'

/** Packets of one place, in the order in which they were caught there. */
export interface CapturedAt { place: string; frames: readonly Frame[] }

/**
 * One pcapng file (draft-ietf-opsawg-pcapng) of several captures. Each is an interface of the file whose name is its place, so that a reader shows
 * where each packet was seen. Packets stand in the order of `captures`, not of time.
 */
export function writePcapng(captures: readonly CapturedAt[]): Uint8Array {
  const blocks = [sectionHeader(), ...captures.map(({ place }) => interfaceBlock(place)), ...captures.flatMap(({ frames }, index) => frames.map((frame) => packetBlock(index, frame)))]
  const file = new Uint8Array(blocks.reduce((sum, block) => sum + block.byteLength, 0))
  let at = 0
  for (const block of blocks) { file.set(block, at); at += block.byteLength }
  return file
}

/** Byte-order magic, version 1.0, section length unknown. */
const sectionHeader = (): Uint8Array => blockOf(0x0a0d0d0a, 16, (view) => { view.setUint32(0, 0x1a2b3c4d, true); view.setUint16(4, 1, true); view.setBigInt64(8, -1n, true) })

/** Link type, no snapshot limit, and one option: if_name (2). */
function interfaceBlock(place: string): Uint8Array {
  const name = new TextEncoder().encode(place)
  return blockOf(1, 8 + 4 + padded(name.byteLength) + 4, (view, body) => {
    view.setUint16(0, linuxCooked2, true)
    view.setUint16(8, 2, true)
    view.setUint16(10, name.byteLength, true)
    body.set(name, 12)
  })
}

/** Enhanced packet: interface, time in microseconds (the default resolution), lengths, bytes. */
function packetBlock(index: number, frame: Frame): Uint8Array {
  const time = BigInt(frame.seconds) * 1_000_000n + BigInt(frame.microseconds)
  return blockOf(6, 20 + padded(frame.bytes.byteLength), (view, body) => {
    view.setUint32(0, index, true)
    view.setUint32(4, Number(time >> 32n), true)
    view.setUint32(8, Number(time & 0xffffffffn), true)
    view.setUint32(12, frame.bytes.byteLength, true)
    view.setUint32(16, frame.length, true)
    body.set(frame.bytes, 20)
  })
}

function blockOf(type: number, length: number, fill: (view: DataView, body: Uint8Array) => void): Uint8Array {
  const whole = new Uint8Array(length + 12)
  const view = new DataView(whole.buffer)
  view.setUint32(0, type, true)
  view.setUint32(4, length + 12, true)
  fill(new DataView(whole.buffer, 8, length), whole.subarray(8, 8 + length))
  view.setUint32(8 + length, length + 12, true)
  return whole
}

const padded = (length: number): number => Math.ceil(length / 4) * 4
