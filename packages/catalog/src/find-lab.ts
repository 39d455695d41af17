import { HopError } from '@hoplab/core'
import { type CniName, defaultSeed, type LabFile } from '@hoplab/model'
import { HOP_LAB_UNKNOWN } from './errors.ts'
import type { LabFiles } from './lab-files.ts'
import type { LoadedLab } from './loaded-lab.ts'
import { nearest } from './nearest.ts'
import { foldersIn, readLabFile, readLabFolder } from './read/lab.ts'
import { lintLab } from './lint.ts'
import { seedDraw } from './seed/draw.ts'

/** One lab of the catalogue: readable, or with the error that says what is wrong with its lab.yaml. */
export type ListedLab = { folder: string; number: number } & ({ file: LabFile } | { problem: HopError })

const labFolder = /^(\d\d)-([a-z0-9-]+)$/u

/** Every folder named like `00-first-packet` that has a lab.yaml, in order. A broken lab is listed with its problem. */
export async function listLabs(files: LabFiles): Promise<ListedLab[]> {
  const folders = (await foldersIn(files, '')).filter((folder) => labFolder.test(folder))
  const labs: ListedLab[] = []
  for (const folder of folders) {
    if (await files.read(`${folder}/lab.yaml`) === undefined) continue
    const number = Number(folder.slice(0, 2))
    try {
      labs.push({ folder, number, file: (await readLabFile(files, folder)).file })
    } catch (problem) {
      if (!(problem instanceof HopError)) throw problem
      labs.push({ folder, number, problem })
    }
  }
  return labs
}

/**
 * One lab with every file read and every rule kept.
 * @param asked its id (`first-packet`), number (`0`, `00`) or folder name (`00-first-packet`)
 * @param seed what differs from seed to seed in the lab is drawn from it, see {@link seedDraw}
 * @param cni what differs from network to network is what it is there. @default the first that the lab names
 * @throws HOP_SEED_INVALID, HOP_LAB_UNKNOWN with the nearest name; the lab's first problem otherwise (exit 2, positioned)
 */
export async function readLab(files: LabFiles, asked: string, seed: string = defaultSeed, cni?: CniName): Promise<LoadedLab> {
  return readLabIn(files, await findLab(files, asked), seed, cni)
}

/** {@link readLab} of a folder that may have any name, e.g. one that is not part of a catalogue. */
export async function readLabIn(files: LabFiles, folder: string, seed: string = defaultSeed, cni?: CniName): Promise<LoadedLab> {
  const lab = await readLabFolder(files, folder, seedDraw(seed), cni)
  const [problem] = lintLab(lab)
  if (problem) throw problem
  return lab
}

/** Folder name of the lab that `asked` means. @throws HOP_LAB_UNKNOWN */
export async function findLab(files: LabFiles, asked: string): Promise<string> {
  const folders = (await foldersIn(files, '')).filter((folder) => labFolder.test(folder))
  const id = (folder: string): string => folder.slice(3)
  const found = folders.find((folder) => folder === asked || id(folder) === asked || (/^\d{1,2}$/u.test(asked) && Number(folder.slice(0, 2)) === Number(asked)))
  if (found === undefined) {
    const known = folders.map(id)
    throw HOP_LAB_UNKNOWN({ asked, known, near: nearest(asked, known) ?? nearest(asked, folders) })
  }
  return found
}
