import { join } from 'node:path'
import { listLabs, readLab } from '@hoplab/catalog/fs'
import type { LoadedLab } from '@hoplab/catalog'
import { installedCnis } from '@hoplab/cli/implementations'
import { caseNames } from '@hoplab/engine'
import { type CniName, defaultSeed } from '@hoplab/model'
import { keyOf, labInputs, sharedInputs, type Network } from './inputs.ts'
import type { Coordinate, Inputs } from './row.ts'
import { provenSeeds } from './seeds.ts'

const root = join(import.meta.dirname, '../..')

/** Times that a healthy lab of the default seed is checked: what the ledger's "0 false verdicts" means. */
const healthyRepeats = 20

/** One thing to be proven, with the key its row must have. */
export interface Cell extends Coordinate { inputs: Inputs; key: string; about: LoadedLab }

/** How often each case is proven. */
export interface PlanOptions {
  /** Repeats of every case but `healthy` of the default seed. @default 1 */
  repeat?: number
}

/** Everything the ledger must hold, lab by lab, each in the order in which the fewest resets are needed. */
export async function planned({ repeat = 1 }: PlanOptions = {}): Promise<Cell[]> {
  const cells: Cell[] = []
  const shared = new Map(await Promise.all(installedCnis.map(async (cni) => [cni, await sharedInputs(cni)] as const)))
  for (const folder of await labFolders()) cells.push(...await cellsOf(folder, repeat, shared))
  return cells
}

/** The catalogue lab and every lab of the product. */
export async function labFolders(): Promise<string[]> {
  const labs = await listLabs(join(root, 'labs'))
  return [join(root, 'proof/catalogue'), ...labs.map(({ folder }) => join(root, 'labs', folder))]
}

/** By CNI that this version installs: a lab is proven on those of the CNIs it names. */
type Shared = ReadonlyMap<CniName, Awaited<ReturnType<typeof sharedInputs>>>

async function cellsOf(folder: string, repeat: number, shared: Shared): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const seed of await provenSeeds(folder)) {
    const { file: { cnis } } = await readLab(join(root, 'labs'), folder, seed)
    for (const [cni, hashes] of cnis.map((one) => [one, shared.get(one)] as const)) {
      if (!hashes) continue
      const lab = await readLab(join(root, 'labs'), folder, seed, cni)
      for (const proxyMode of lab.file.proxyModes) cells.push(...await cellsIn(lab, folder, { seed, cni, proxyMode, hashes }, repeat))
    }
  }
  return cells
}

/** In one cluster: as a seed draws the lab, on a network. */
interface Place extends Network { seed: string; hashes: Pick<Inputs, 'sources' | 'images'> }

async function cellsIn(lab: LoadedLab, folder: string, { seed, cni, proxyMode, hashes }: Place, repeat: number): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const name of caseNames(lab, { cni, proxyMode })) {
    const inputs = { lab: await caseInputs(folder, lab, name, { cni, proxyMode }), ...hashes }
    const times = name === 'healthy' && seed === defaultSeed ? healthyRepeats : repeat
    for (let nth = 1; nth <= times; nth++) {
      const coordinate = { lab: lab.file.id, provider: 'kind' as const, cni, proxyMode, ...(seed === defaultSeed ? {} : { seed }), case: name, repeat: nth }
      cells.push({ ...coordinate, inputs, key: await keyOf(coordinate, inputs), about: lab })
    }
  }
  return cells
}

/** Folder of a sort of case. */
const folderOf: Readonly<Record<string, string>> = { solution: 'solutions', 'near-miss': 'near-misses', fault: 'faults' }

/** Hash of the files that decide one case of a lab on a network. */
function caseInputs(folder: string, lab: LoadedLab, name: string, network: Network): Promise<string> {
  const [sort = ''] = name.split(':')
  const one = { solution: lab.solutions, 'near-miss': lab.nearMisses, fault: lab.faults }[sort]?.find(({ n }) => n === Number(name.split(':')[1]))
  const plural = folderOf[sort]
  const standsOn = ['fault', 'healthy'].includes(sort) ? `solutions/${lab.solutions[0]?.name}` : undefined
  return labInputs(folder, network, one && plural ? `${plural}/${one.name}` : undefined, standsOn)
}

/** Folder name of the case, e.g. `3-masquerade-too-wide`; empty for `untouched` and `healthy`. */
export function caseTitle(cell: Pick<Cell, 'about' | 'case'>): string {
  const [sort = '', n] = cell.case.split(':')
  return { solution: cell.about.solutions, 'near-miss': cell.about.nearMisses, fault: cell.about.faults }[sort]?.find((one) => one.n === Number(n))?.name ?? ''
}

/** Folder of the case in its lab, e.g. `faults/3-masquerade-too-wide`; empty for `untouched` and `healthy`. */
export function caseFolder(cell: Pick<Cell, 'about' | 'case'>): string {
  const folder = folderOf[cell.case.split(':')[0] ?? '']
  return folder === undefined ? '' : `${folder}/${caseTitle(cell)}`
}
