/** Writes the comparison of networks in README.md from `proof/matrix.json`; with `--check` only says whether it is current (exit 1 when not). Part of `pnpm gen`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { matrixResult } from '@hoplab/model'
import { readmeWith } from './networks/readme-table.ts'

const file = join(import.meta.dirname, '../README.md')
const kept = matrixResult.parse(JSON.parse(await readFile(join(import.meta.dirname, '../proof/matrix.json'), 'utf8')))
const readme = await readFile(file, 'utf8')
const wanted = readmeWith(readme, kept)
if (readme !== wanted) {
  if (process.argv.includes('--check')) {
    process.exitCode = 1
    console.error('The comparison of networks in README.md is not current. Run "pnpm gen".')
  } else await writeFile(file, wanted)
}
