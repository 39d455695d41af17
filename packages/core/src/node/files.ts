import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes the whole file or nothing: a reader or a crash never sees half of it. Mode 0600 unless told otherwise. */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.new`
  await writeFile(next, content, { mode })
  await rename(next, path)
}
