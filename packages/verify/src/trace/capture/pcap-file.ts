import { Broken } from '../../probes/broken.ts'

/** One captured packet as the capture file holds it. */
export interface Frame {
  /** Seconds since 1970 of the capturing machine's clock; only ever shown, never compared between machines. */
  seconds: number
  microseconds: number
  /** Length on the wire; more than `bytes` when the capture cut it. */
  length: number
  bytes: Uint8Array
}

const magic = 0xa1b2c3d4
const headerLength = 24
const recordLength = 16

/** Link type of `tcpdump -y LINUX_SLL2` (https://www.tcpdump.org/linktypes.html). */
export const linuxCooked2 = 276

/**
 * Reads a capture in the classic format (draft-ietf-opsawg-pcap), either byte order, microseconds. A last record that is cut off is left out:
 * the file may have been read while it was written. Anything else that is not as it should be throws {@link Broken}.
 */
export function readPcap(file: Uint8Array): Frame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.byteLength < headerLength) throw broken('it has no header')
  const little = view.getUint32(0, true) === magic
  if (!little && view.getUint32(0, false) !== magic) throw broken('its first bytes are those of another format')
  if (view.getUint32(20, little) !== linuxCooked2) throw broken(`its link type is ${view.getUint32(20, little)}`)
  const frames: Frame[] = []
  for (let at = headerLength; at + recordLength <= file.byteLength;) {
    const kept = view.getUint32(at + 8, little)
    const end = at + recordLength + kept
    if (end > file.byteLength) break
    frames.push({ seconds: view.getUint32(at, little), microseconds: view.getUint32(at + 4, little), length: view.getUint32(at + 12, little), bytes: file.subarray(at + recordLength, end) })
    at = end
  }
  return frames
}

const broken = (why: string): Broken => new Broken(`A capture cannot be read: ${why}.`, { hopeless: false })
