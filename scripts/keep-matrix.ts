/**
 * Writes `proof/matrix.json` from what `hoplab matrix … --json` printed: `node scripts/keep-matrix.ts FILE…`. Columns of several results are put side
 * by side; what each answer rests on is left out, for it is long and only worth something while its cluster is there.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { matrixResult } from '@hoplab/model'
import { joined } from './networks/joined.ts'

const files = process.argv.slice(2)
const results = await Promise.all(files.map(async (file) => matrixResult.parse(JSON.parse(await readFile(file, 'utf8')))))
await writeFile(join(import.meta.dirname, '../proof/matrix.json'), `${JSON.stringify(joined(results), null, 2)}\n`)
