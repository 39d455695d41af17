import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of this package on disk. */
export const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

/** SHA-256 and executable bit of files of this package and of every file below its folders, by path: the part of a step's inputs that people edit. */
export async function filesBelow(...paths: string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const path of (await Promise.all(paths.map(listed))).flat()) {
    const mode = (await stat(path)).mode & 0o100 ? 'x' : '-'
    found[relative(packageFolder, path)] = `${mode}${createHash('sha256').update(await readFile(path)).digest('hex')}`
  }
  return found
}

/** A file itself, or the files below a folder, without Go's tests. */
async function listed(path: string): Promise<string[]> {
  const absolute = join(packageFolder, path)
  if ((await stat(absolute)).isFile()) return [absolute]
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go')).map((entry) => join(entry.parentPath, entry.name))
}
