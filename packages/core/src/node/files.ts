import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes the whole file or nothing: a reader, a kill or a power cut never sees half of it. Mode 0600 unless told otherwise. */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const next = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.new`
  try {
    await writeThrough(next, content, mode)
    await rename(next, path)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}

async function writeThrough(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await using file = await open(path, 'wx', mode)
  await file.writeFile(content)
  // Without it a file system may keep the new name and lose the content in a power cut.
  await file.sync()
}
