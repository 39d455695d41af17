import { existsSync } from 'node:fs'
import { readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { labFolder, stateFolder, writeWhole } from '@hoplab/core/node'
import type { ImageSet } from '@hoplab/images'
import type { ClusterSpec } from '../port.ts'

/** What is kept on disk about a cluster. Docker is the truth for whether it exists. */
export interface ClusterState { spec: ClusterSpec; hash: string; runId: string; created: string; images: ImageSet
  /** False until the cluster was handed over whole. */
  complete: boolean }

const stateFile = (lab: string): string => join(labFolder(lab), 'cluster.json')
export const kubeconfigFile = (lab: string): string => join(labFolder(lab), 'kubeconfig')
export const lockFile = (lab: string): string => join(stateFolder(), 'locks', `${lab}.lock`)

/** Writes {@link ClusterState}; comes first when a cluster is made, so that a killed run can be cleaned. */
export const writeState = (state: ClusterState): Promise<void> => writeWhole(stateFile(state.spec.name), `${JSON.stringify(state, null, 2)}\n`)

/** Whether a cluster of this lab is remembered here. */
export const remembersLab = (lab: string): boolean => existsSync(stateFile(lab))

/** undefined when there is none or it cannot be read. */
export const readState = (lab: string): Promise<ClusterState | undefined> => readJson<ClusterState>(stateFile(lab))

async function readJson<T>(path: string): Promise<T | undefined> {
  try { return JSON.parse(await readFile(path, 'utf8')) as T } catch { return undefined }
}

/** Removes what describes the cluster, and half-written files; progress and evidence of the lab stay. Returns what was removed. */
export async function removeState(lab: string): Promise<string[]> {
  const folder = labFolder(lab)
  const names = await readdir(folder).catch(() => [] as string[])
  const ours = names.filter((name) => ['cluster.json', 'kubeconfig', 'kubeconfig.lock'].includes(name) || name.endsWith('.new'))
  await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })))
  // Only empty folders go: evidence of failures outlives the cluster.
  for (const empty of [join(folder, 'evidence'), folder]) await rmdir(empty).catch(() => undefined)
  return ours.map((name) => join(folder, name))
}

/** Labs that have a folder here, with their run if known. */
export async function knownLabs(): Promise<string[]> {
  return readdir(join(stateFolder(), 'labs')).catch(() => [])
}
