/** Writes `proof/MATRIX.md` from the ledger; with `--check` only says whether it is current (exit 1 when not). Part of `pnpm gen`. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLab } from '@hoplab/catalog/fs'
import { newestRows, readLedger } from './proof/ledger.ts'
import { matrixText } from './proof/matrix.ts'
import { labFolders } from './proof/plan.ts'

const file = join(import.meta.dirname, '../proof/MATRIX.md')
const rows = newestRows(await readLedger())
const labs = await Promise.all((await labFolders()).map(async (folder) => {
  const lab = await readLab(join(import.meta.dirname, '../labs'), folder)
  return { lab, rows: rows.filter((row) => row.lab === lab.file.id && row.seed === undefined) }
}))
const wanted = matrixText(labs)
if (await readFile(file, 'utf8').catch(() => '') !== wanted) {
  if (process.argv.includes('--check')) {
    process.exitCode = 1
    console.error('proof/MATRIX.md is not current. Run "pnpm gen".')
  } else await writeFile(file, wanted)
}
