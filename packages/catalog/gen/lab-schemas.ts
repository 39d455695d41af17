// Writes labs/schema/*.json from the model; with --check only says whether they are current (exit 1 when not).
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { schemaFiles } from '../src/schema-files.ts'

const folder = join(import.meta.dirname, '../../../labs/schema')
const wanted = schemaFiles()
const check = process.argv.includes('--check')
await mkdir(folder, { recursive: true })

for (const name of await readdir(folder)) {
  if (name in wanted) continue
  if (check) stale(name)
  else await rm(join(folder, name))
}
for (const [name, content] of Object.entries(wanted)) {
  if (await readFile(join(folder, name), 'utf8').catch(() => '') === content) continue
  if (check) stale(name)
  else await writeFile(join(folder, name), content)
}

function stale(name: string): void {
  process.exitCode = 1
  console.error(`labs/schema/${name} is not current. Run "pnpm gen".`)
}
