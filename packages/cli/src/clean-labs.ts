import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterProvider, Removed } from '@hoplab/cluster'
import { type Deadline, HopError, type Progress } from '@hoplab/core'
import { labFolder, stateFolder } from '@hoplab/core/node'
import { folderStore } from './folder-store.ts'
import { lockRun } from './run-lock.ts'

/** What a clean-up works with. `all`: labs that are up go as well, with the evidence that was kept of any. */
export interface CleanOptions { provider: Pick<ClusterProvider, 'list' | 'clean'>; all: boolean; deadline: Deadline; progress: Progress }

/** What a clean-up did: what went, and why each lab that stayed did. */
export interface Cleaned { removed: Removed; kept: { name: string; why: string }[] }

/**
 * Removes one lab, or everything that killed commands left. A lab that a living command is making, or runs, stays in any case: its `up` would
 * lose the ground under its feet before hand-over. A learner's lab stays while it is up, unless `all`.
 */
export async function cleanLabs(asked: string | undefined, options: CleanOptions): Promise<Cleaned> {
  const cleaned: Cleaned = { removed: { containers: [], networks: [], processes: [], folders: [] }, kept: [] }
  for (const name of asked === undefined ? await namesOfLabs(options) : [asked]) {
    const part = await cleanOne(name, options)
    if (typeof part === 'string') { cleaned.kept.push({ name, why: part }); continue }
    for (const key of ['containers', 'networks', 'folders'] as const) cleaned.removed[key].push(...part[key])
    cleaned.removed.processes.push(...part.processes)
  }
  return cleaned
}

async function namesOfLabs({ provider, all, deadline }: CleanOptions): Promise<string[]> {
  const remembered = await Promise.all((await folders()).map(async (name) => (all || await holdsMoreThanEvidence(name) ? [name] : [])))
  return [...new Set([...(await provider.list(deadline)).map((one) => one.name), ...remembered.flat()])].sort()
}

const holdsMoreThanEvidence = async (name: string): Promise<boolean> => {
  const files = await readdir(labFolder(name)).catch(() => [] as string[])
  return files.length !== 1 || files[0] !== 'evidence'
}

/** What was removed, or why the lab stays. */
async function cleanOne(name: string, options: CleanOptions): Promise<Removed | string> {
  const { provider, all, deadline, progress } = options
  try {
    await using _held = await lockRun(name, deadline)
    if (!all && await isLearners(name, options)) return 'it is up'
    const removed = await provider.clean({ name, deadline, progress })
    const before = await folders()
    await folderStore(name).remove()
    if (all) await rm(labFolder(name), { recursive: true, force: true })
    const after = await folders()
    return { ...removed, folders: [...removed.folders, ...before.filter((one) => !after.includes(one)).map(labFolder)] }
  } catch (error) {
    if (error instanceof HopError && error.code === 'HOP_LOCKED') return error.facts.what
    throw error
  }
}

/** Whether a learner has the lab: it is up, was handed over, and is not that of a killed `run` or `prove`. */
async function isLearners(name: string, { provider, deadline }: CleanOptions): Promise<boolean> {
  const saved = await folderStore(name).read().catch(() => undefined)
  if (!saved?.handedOver || saved.temporary) return false
  return (await provider.list(deadline)).some((one) => one.name === name && one.state === 'up')
}

const folders = (): Promise<string[]> => readdir(join(stateFolder(), 'labs')).catch(() => [])
