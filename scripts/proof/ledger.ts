import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '@hoplab/core/node'
import { type Coordinate, label, row, type Row } from './row.ts'

/** Where the proofs stand. */
export const ledgerFile = join(import.meta.dirname, '../../proof/ledger.jsonl')

/** Every row in the order in which they were proven; none when there is no ledger yet. A line that is no row is an error with its number. */
export async function readLedger(file = ledgerFile): Promise<Row[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const parsed = row.safeParse(jsonOf(line))
    if (!parsed.success) throw new Error(`${file}:${index + 1} is no row of the ledger: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`)
    return [parsed.data]
  })
}

/** Adds a row as one whole line. */
export async function appendRow(one: Row, file = ledgerFile): Promise<void> {
  await appendFile(file, `${JSON.stringify(row.parse(one))}\n`)
}

/** The newest row of each coordinate, in the order of the ledger. */
export function newestRows(rows: readonly Row[]): Row[] {
  const newest = new Map(rows.map((one) => [label(one), one]))
  return rows.filter((one) => newest.get(label(one)) === one)
}

/** Writes the ledger anew without rows that a newer one of the same coordinate replaced, and without cases that no lab has any more. */
export async function pruneLedger(planned: readonly Coordinate[], file = ledgerFile): Promise<Row[]> {
  const rows = await readLedger(file)
  const known = new Set(planned.map((one) => label({ ...one, repeat: 1 })))
  const kept = newestRows(rows).filter((one) => known.has(label({ ...one, repeat: 1 })))
  if (kept.length < rows.length) await writeWhole(file, kept.map((one) => `${JSON.stringify(one)}\n`).join(''))
  return kept
}

function jsonOf(line: string): unknown {
  try { return JSON.parse(line) } catch { return undefined }
}
