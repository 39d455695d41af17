import type { Removed } from '@hoplab/cluster'
import { type Deadline, HopError } from '@hoplab/core'
import { labFolder, lock, stateFolder } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommandContext, printResult } from '../context.ts'
import { folderStore } from '../folder-store.ts'
import { providerOf } from '../implementations.ts'
import { runLockFile } from '../run-lock.ts'

/** `hoplab clean [--all]` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const { deadline } = context
  const provider = await providerOf('kind')
  const all = context.flags.all === true
  const up = (await provider.list(deadline)).filter((one) => one.state === 'up').map((one) => one.name)
  const kept: string[] = []
  for (const name of all ? [] : up) if (await isInUse(name, deadline)) kept.push(name)
  const removed: Removed = { containers: [], networks: [], processes: [], folders: [] }
  const names = kept.length === 0 ? [undefined] : (await leftoverNames(provider, deadline)).filter((name) => !kept.includes(name))
  for (const name of names) {
    const part = await provider.clean({ deadline, progress: (event) => context.reporter.hear(event), ...(name === undefined ? {} : { name }) })
    for (const key of ['containers', 'networks', 'folders'] as const) removed[key].push(...part[key])
    removed.processes.push(...part.processes)
  }
  removed.folders.push(...await forget(kept, all))
  printResult(context, { removed, kept }, () => [
    count(removed) === 0 ? 'Nothing was left.' : `Removed ${removed.containers.length} containers, ${removed.networks.length} networks, ${removed.processes.length} processes, ${removed.folders.length} files and folders.`,
    ...(kept.length > 0 ? [`Kept because in use: ${kept.join(', ')}. "hoplab clean --all" removes these as well.`] : []),
  ].join('\n'))
  return 0
}

/** A learner's lab is in use while it is up; that of `run` or `prove` while its command lives. */
async function isInUse(name: string, deadline: Deadline): Promise<boolean> {
  const saved = await folderStore(name).read().catch(() => undefined)
  if (!saved?.temporary) return saved?.handedOver === true
  try {
    await using _free = await lock(runLockFile(name), `lab "${name}"`, { deadline })
    return false
  } catch (error) {
    if (error instanceof HopError && error.code === 'HOP_LOCKED') return true
    throw error
  }
}

async function leftoverNames(provider: Awaited<ReturnType<typeof providerOf>>, deadline: Deadline): Promise<string[]> {
  return [...new Set([...(await provider.list(deadline)).map((one) => one.name), ...await readdir(join(stateFolder(), 'labs')).catch(() => [])])]
}

/** Removes what is remembered of labs that are gone; with `all` kept evidence too. */
async function forget(kept: readonly string[], all: boolean): Promise<string[]> {
  const names = (await readdir(join(stateFolder(), 'labs')).catch(() => [] as string[])).filter((name) => !kept.includes(name))
  for (const name of names) {
    await folderStore(name).remove()
    if (all) await rm(labFolder(name), { recursive: true, force: true })
  }
  const left = await readdir(join(stateFolder(), 'labs')).catch(() => [] as string[])
  return names.filter((name) => !left.includes(name)).map(labFolder)
}

const count = (removed: Removed): number => removed.containers.length + removed.networks.length + removed.processes.length + removed.folders.length
