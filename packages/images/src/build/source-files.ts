import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of this package on disk. */
export const packageFolder = fileURLToPath(new URL('../../', import.meta.url))

/** SHA-256 and executable bit of every file below folders of this package, by path: the part of a step's inputs that people edit. */
export async function filesBelow(...folders: string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const folder of folders) {
    for (const entry of await readdir(join(packageFolder, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('_test.go')) continue
      const path = join(entry.parentPath, entry.name)
      const mode = (await stat(path)).mode & 0o100 ? 'x' : '-'
      found[relative(packageFolder, path)] = `${mode}${createHash('sha256').update(await readFile(path)).digest('hex')}`
    }
  }
  return found
}
