import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Baseline } from '@hoplab/cluster'
import { type ErrorFacts, messageOf } from '@hoplab/core'
import { labFolder, stateFolder, writeWhole } from '@hoplab/core/node'
import type { LabStore } from '@hoplab/engine'
import { type SavedLab, savedLab, savedLabVersion, type Spent, spent } from '@hoplab/model'
import { HOP_PROGRESS_UNREADABLE } from './errors.ts'

const progressFile = (name: string): string => join(labFolder(name), 'progress.json')
/** Beside the labs' own folders: it outlives them. */
const spentFile = (name: string): string => join(stateFolder(), 'spent', `${name}.json`)
const baselineFile = (name: string): string => join(labFolder(name), 'baseline.json')

/** Progress, baseline and evidence of one lab instance under its state folder. */
export function folderStore(name: string): LabStore {
  return {
    read: () => readSaved(name),
    write: (saved) => writeWhole(progressFile(name), `${JSON.stringify(savedLab.parse(saved), null, 2)}\n`),
    readBaseline: async () => {
      const text = await textOf(baselineFile(name))
      return text === undefined ? undefined : parsed<Baseline>(baselineFile(name), text, (value) => value as Baseline)
    },
    writeBaseline: (baseline) => writeWhole(baselineFile(name), JSON.stringify(baseline)),
    readSpent: () => readSpent(name),
    writeSpent: (all) => writeWhole(spentFile(name), `${JSON.stringify(spent.parse(all), null, 2)}\n`),
    remove: async () => {
      await Promise.all([progressFile(name), baselineFile(name)].map((file) => rm(file, { force: true })))
      // Only an empty folder goes: evidence of failures outlives the lab.
      await rmdir(labFolder(name)).catch(() => undefined)
    },
    keepEvidence: (facts) => keepEvidence(name, facts),
  }
}

/** Names of labs that progress is remembered of, whether or not they are up. */
export async function rememberedLabs(): Promise<string[]> {
  const names = await readdir(join(stateFolder(), 'labs')).catch(() => [] as string[])
  const found = await Promise.all(names.map(async (name) => ((await textOf(progressFile(name))) === undefined ? undefined : name)))
  return found.filter((name) => name !== undefined).sort()
}

async function readSaved(name: string): Promise<SavedLab | undefined> {
  const text = await textOf(progressFile(name))
  return text === undefined ? undefined : parsed(progressFile(name), text, (value) => savedLab.parse(value))
}

async function readSpent(name: string): Promise<Spent> {
  const text = await textOf(spentFile(name))
  return text === undefined ? { schemaVersion: savedLabVersion, labs: {} } : parsed(spentFile(name), text, (value) => spent.parse(value))
}

function parsed<T>(file: string, text: string, read: (value: unknown) => T): T {
  try {
    return read(JSON.parse(text))
  } catch (error) {
    throw HOP_PROGRESS_UNREADABLE({ file, said: messageOf(error) }, { cause: error })
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw HOP_PROGRESS_UNREADABLE({ file, said: messageOf(error) }, { cause: error })
  }
}

async function keepEvidence(name: string, facts: ErrorFacts): Promise<string> {
  const folder = join(labFolder(name), 'evidence', new Date().toISOString().replaceAll(/[:.]/gu, '-'))
  await mkdir(folder, { recursive: true })
  await writeWhole(join(folder, 'error.json'), `${JSON.stringify(facts, null, 2)}\n`)
  return folder
}
