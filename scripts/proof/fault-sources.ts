import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where faults say what they do, several to a file. */
export const mutations = join(import.meta.dirname, '../../packages/engine/src/mutations')

/** Text of each file that says what certain faults do, by its name. */
export async function faultSources(): Promise<Map<string, string>> {
  const texts = await Promise.all((await readdir(mutations)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map(async (name) => [name, await readFile(join(mutations, name), 'utf8')] as const))
  return new Map(texts.filter(([, text]) => declaredIn(text).length > 0))
}

const declaredIn = (text: string): string[] => [...text.matchAll(/: Mutation<'([\w-]+)'>/gu)].map(([, name]) => name ?? '')
const importedBy = (text: string): string[] => [...text.matchAll(/from '\.\/([\w-]+\.ts)'/gu)].map(([, name]) => name ?? '')

/** Names of the files that say what the faults do which a text names, with those of them that they import. */
export async function faultFilesOf(said: string): Promise<string[]> {
  const all = await faultSources()
  const found = new Set([...all].filter(([, text]) => declaredIn(text).some((name) => new RegExp(`\\b${name}\\b`, 'u').test(said))).map(([name]) => name))
  // A set gives what is added to it while it is gone through.
  for (const name of found) for (const other of importedBy(all.get(name) ?? '')) if (all.has(other)) found.add(other)
  return [...found].sort()
}
