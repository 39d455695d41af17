/** Notes in the first line of Hinglish steps that they say the same as the English text of now: pnpm translated LAB [STEP…]. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFiles } from '@hoplab/catalog/fs'
import { findLab, readLabFolder, translationLine } from '@hoplab/catalog'
import { HopError } from '@hoplab/core'
import { errorText, lookOf } from '@hoplab/report'
import { echo } from 'zx'

const [asked, ...steps] = process.argv.slice(2)
const files = diskFiles(process.env.HOPLAB_LABS ?? join(import.meta.dirname, '../labs'))

async function note(name: string): Promise<number> {
  const lab = await readLabFolder(files, await findLab(files, name))
  const unknown = steps.find((step) => !Object.hasOwn(lab.translations, step))
  if (unknown !== undefined) { echo(`The lab has no step "${unknown}"; it has ${Object.keys(lab.translations).join(', ')}.`); return 2 }
  for (const [step, { file, from, now }] of Object.entries(lab.translations)) {
    if (from === now || (steps.length > 0 && !steps.includes(step))) continue
    const text = await readFile(file, 'utf8')
    await writeFile(file, translationLine(now) + (from === undefined ? text : text.slice(text.indexOf('\n') + 1)))
    echo(`${file}: says the same as the English text ${now}`)
  }
  return 0
}

async function main(): Promise<number> {
  if (asked === undefined) { echo('pnpm translated LAB [STEP…]: these Hinglish steps say what the English ones say now'); return 2 }
  try {
    return await note(asked)
  } catch (error) {
    if (!(error instanceof HopError)) throw error
    echo(errorText(error.facts, lookOf({ env: process.env, isTTY: process.stdout.isTTY })))
    return error.exitCode
  }
}

process.exitCode = await main()
