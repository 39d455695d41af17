import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aRow } from './a-row.ts'
import { appendRow, ledgerFile, pruneLedger, readLedger } from './ledger.ts'

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'hoplab-ledger-')) })
afterEach(() => rm(folder, { recursive: true }))
const file = (): string => join(folder, 'ledger.jsonl')

test('rows come back as they were written, one line each; no file is no row', async () => {
  expect(await readLedger(file())).toEqual([])
  const rows = [aRow(), aRow({ repeat: 2, asDeclared: false, deviation: 'x\ny', verdicts: { inconclusive: ['a'] } })]
  for (const row of rows) await appendRow(row, file())
  expect(await readLedger(file())).toEqual(rows)
  expect((await readFile(file(), 'utf8')).trimEnd().split('\n').length).toBe(2)
})

test('a torn or foreign line is named by its number', async () => {
  await appendRow(aRow(), file())
  await appendFile(file(), '{"lab":"catalogue"')
  await expect(readLedger(file())).rejects.toThrow(/ledger\.jsonl:2 is no row of the ledger/u)
})

test('pruning keeps the newest row of each case that a lab still has, repeats included', async () => {
  const rows = [aRow({ key: 'old' }), aRow({ case: 'fault:9' }), aRow({ repeat: 2 }), aRow()]
  for (const row of rows) await appendRow(row, file())
  expect(await pruneLedger([aRow()], file())).toEqual(rows.slice(2))
  expect(await readLedger(file())).toEqual(rows.slice(2))
})

test('the ledger of this checkout can be read', async () => {
  expect((await readLedger(ledgerFile)).length).toBeGreaterThan(0)
})
