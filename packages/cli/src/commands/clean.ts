import type { Removed } from '@hoplab/cluster'
import { type Deadline, HopError } from '@hoplab/core'
import { labFolder, lock, stateFolder } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { folderStore } from '../folder-store.ts'
import { providerOf } from '../implementations.ts'
import { runLockFile } from '../run-lock.ts'

/** `hoplab clean [--all]`; with `--lab` only what belongs to that name. */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const { deadline } = context
  const provider = await providerOf('kind')
  const all = context.flags.all === true
  const asked = textFlag(context, 'lab')
  const found = asked === undefined ? await leftoverNames(provider, deadline) : [asked]
  const kept: string[] = []
  for (const name of all ? [] : found) if (await isInUse(name, provider, deadline)) kept.push(name)
  // Without a name the provider also finds what no list shows, e.g. a container whose network is gone.
  const names = asked === undefined && kept.length === 0 ? [undefined] : found.filter((name) => !kept.includes(name))
  const removed: Removed = { containers: [], networks: [], processes: [], folders: [] }
  for (const name of names) {
    const part = await provider.clean({ deadline, progress: (event) => context.reporter.hear(event), ...(name === undefined ? {} : { name }) })
    for (const key of ['containers', 'networks', 'folders'] as const) removed[key].push(...part[key])
    removed.processes.push(...part.processes)
  }
  removed.folders.push(...await forget(found.filter((name) => !kept.includes(name)), all))
  printResult(context, { removed, kept }, () => [
    count(removed) === 0 ? 'Nothing was left.' : `Removed ${removed.containers.length} containers, ${removed.networks.length} networks, ${removed.processes.length} processes, ${removed.folders.length} files and folders.`,
    ...(kept.length > 0 ? [`Kept because in use: ${kept.join(', ')}. "hoplab clean --all" removes these as well.`] : []),
  ].join('\n'))
  return 0
}

/** A learner's lab is in use while it is up; that of `run` or `prove` while its command lives. */
async function isInUse(name: string, provider: Provider, deadline: Deadline): Promise<boolean> {
  const saved = await folderStore(name).read().catch(() => undefined)
  const isUp = (await provider.list(deadline)).some((one) => one.name === name && one.state === 'up')
  if (!isUp || !saved?.handedOver) return false
  if (!saved.temporary) return true
  try {
    await using _free = await lock(runLockFile(name), `lab "${name}"`, { deadline })
    return false
  } catch (error) {
    if (error instanceof HopError && error.code === 'HOP_LOCKED') return true
    throw error
  }
}

type Provider = Awaited<ReturnType<typeof providerOf>>

async function leftoverNames(provider: Provider, deadline: Deadline): Promise<string[]> {
  return [...new Set([...(await provider.list(deadline)).map((one) => one.name), ...await readdir(labsFolder()).catch(() => [])])]
}

/** Removes what is remembered of labs that are gone; with `all` kept evidence too. Returns the folders that went. */
async function forget(names: readonly string[], all: boolean): Promise<string[]> {
  const before = await readdir(labsFolder()).catch(() => [] as string[])
  for (const name of names) {
    await folderStore(name).remove()
    if (all) await rm(labFolder(name), { recursive: true, force: true })
  }
  const after = await readdir(labsFolder()).catch(() => [] as string[])
  return before.filter((name) => !after.includes(name)).map(labFolder)
}

const labsFolder = (): string => join(stateFolder(), 'labs')
const count = (removed: Removed): number => removed.containers.length + removed.networks.length + removed.processes.length + removed.folders.length
