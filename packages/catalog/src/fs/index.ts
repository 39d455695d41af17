import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { type ClaimsFile, type CniName, defaultSeed } from '@hoplab/model'
import type { LabFiles, ListedLab, LoadedCase, LoadedLab } from '../index.ts'
import * as catalog from '../index.ts'

/** Lab files in a folder on disk. Symbolic links are not followed: a submission must not read what is outside it. */
export function diskFiles(root: string): LabFiles {
  const absolute = resolve(root)
  const here = (path: string): string => join(absolute, ...path.split('/'))
  return {
    list: async (folder) => {
      const entries = await readdir(here(folder), { recursive: true, withFileTypes: true }).catch(nothingThere)
      return entries.filter((entry) => entry.isFile())
        .map((entry) => relative(absolute, join(entry.parentPath, entry.name)).split(sep).join('/')).toSorted()
    },
    read: async (path) => {
      const file = here(path)
      try {
        return await realpath(file) === join(await realpath(absolute), ...path.split('/')) && (await stat(file)).isFile() ? await readFile(file) : undefined
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    shown: (path) => shortest(here(path)),
  }
}

/** Every lab below `root`, e.g. the repository's `labs`; see the neutral `listLabs`. */
export const listLabs = async (root: string): Promise<ListedLab[]> => await catalog.listLabs(diskFiles(root))

/**
 * One lab below `root` by id, number or folder name; a path to a lab's folder (with a `/`) is read from there.
 * @param seed what differs from seed to seed is drawn from it
 * @param cni what differs from network to network is what it is there. @default the first that the lab names
 * @throws HOP_SEED_INVALID, HOP_LAB_UNKNOWN, or the lab's first problem (exit 2, positioned)
 */
export async function readLab(root: string, asked: string, seed: string = defaultSeed, cni?: CniName): Promise<LoadedLab> {
  const path = resolve(asked)
  const isPath = asked.includes('/') && await stat(join(path, 'lab.yaml')).then(() => true, () => false)
  return isPath ? await catalog.readLabIn(diskFiles(dirname(path)), basename(path), seed, cni) : await catalog.readLab(diskFiles(root), asked, seed, cni)
}

/** The claims below `root` and all its labs; see the neutral `readClaims`. */
export const readClaims = async (root: string): Promise<{ claims: ClaimsFile; labs: LoadedLab[] }> => await catalog.readClaims(diskFiles(root))

/** A submission folder on disk; see the neutral `readSubmission`. */
export async function readSubmission(folder: string, lab: LoadedLab): Promise<LoadedCase> {
  const path = resolve(folder)
  return await catalog.readSubmission(diskFiles(dirname(path)), basename(path), lab)
}

/** Relative to where the command was typed, unless that would lead upwards. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path)
  return fromHere === '' ? '.' : fromHere.startsWith('..') ? path : fromHere
}

const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

function nothingThere(error: unknown): [] {
  if (isMissing(error)) return []
  throw error
}
