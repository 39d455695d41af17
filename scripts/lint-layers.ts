/** Checks every import of packages/ against the layer table in ARCHITECTURE.md. Exit code 1 with one line per finding. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'zx'
import { readLayerTable } from './lint-layers/layer-table.ts'
import { findingsOf } from './lint-layers/rules.ts'

const root = join(import.meta.dirname, '..')
const layers = readLayerTable(await readFile(join(root, 'ARCHITECTURE.md'), 'utf8'))
const files = (await glob('packages/*/**/*.ts', { cwd: root, ignore: ['**/node_modules/**'] })).sort()
const findings = (await Promise.all(files.map(async (file) => findingsOf(file, await readFile(join(root, file), 'utf8'), layers)))).flat()

for (const { file, line, column, text } of findings) console.error(`${file}:${line}:${column} ${text}`)
console.error(`layers: ${files.length} files, ${findings.length} findings`)
process.exitCode = findings.length > 0 || files.length === 0 ? 1 : 0
