import { installerOf } from '@hoplab/cli/implementations'
import type { Deadline } from '@hoplab/core'
import type { CniName } from '@hoplab/model'
import type { Coordinate } from './row.ts'

/** Whether a network can be installed with the images that are here, else why not. */
export type Asked = (cni: CniName) => Promise<string | undefined>

/** Asks the installers. */
export const askInstallers = (deadline: Deadline): Asked => async (cni) => {
  const probed = await (await installerOf(cni)).probe('local', deadline)
  return probed.ready ? undefined : probed.reasons.map(({ what, fix }) => `${what} ${fix}`).join(' ')
}

/** Those of the proofs that can be made here. Images of some networks are built on request only; `say` is told of each network that is left out, and why. */
export async function provableHere<T extends Pick<Coordinate, 'cni'>>(cells: readonly T[], ask: Asked, say: (line: string) => void): Promise<T[]> {
  const networks = [...new Set(cells.map(({ cni }) => cni))]
  const lacking = new Map(await Promise.all(networks.map(async (cni) => [cni, await ask(cni)] as const)))
  for (const [cni, why] of lacking) if (why !== undefined) say(`${cni} is left out: ${why}`)
  return cells.filter(({ cni }) => lacking.get(cni) === undefined)
}
