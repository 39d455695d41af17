import { HOP_LAB_FILE_MISSING, HOP_LAB_NOT_UTF8 } from '../errors.ts'
import type { LabFiles } from '../lab-files.ts'
import type { Position } from '@hoplab/core'

/**
 * A file as text.
 * @throws HOP_LAB_FILE_MISSING at `wanted.at` when there is none, HOP_LAB_NOT_UTF8 at the first byte that is not UTF-8
 */
export async function readText(files: LabFiles, path: string, wanted: { for: string; at?: Position }): Promise<string> {
  const bytes = await files.read(path)
  const file = files.shown(path)
  if (!bytes) throw HOP_LAB_FILE_MISSING({ file, neededFor: wanted.for }, { position: wanted.at ?? { file } })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    const offset = firstBadByte(bytes)
    const before = new TextDecoder().decode(bytes.subarray(0, offset))
    const lines = before.split('\n')
    throw HOP_LAB_NOT_UTF8({ file, offset, byte: bytes[offset] ?? 0 },
      { cause, position: { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1 } })
  }
}

/** Offset of the first byte at which valid UTF-8 ends: the longest prefix that decodes as a stream, less an unfinished character. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodesAsStream(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  // A stream decoder accepts the beginning of a character that is then broken off, so the character began up to three bytes earlier.
  for (let start = good; start > Math.max(0, good - 3); start--) if (decodes(bytes.subarray(0, start))) return start
  return good
}

const decodesAsStream = (bytes: Uint8Array): boolean => decodes(bytes, true)

function decodes(bytes: Uint8Array, stream = false): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream })
    return true
  } catch {
    return false
  }
}
