import { createHash } from 'node:crypto'
import { Deadline } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import type { CniInstaller } from '@hoplab/cni'
import { ordinaryCniImages } from '@hoplab/images'
import { optionsText } from '@hoplab/model'

/** A network to look at whole, with the proxy mode that it is looked at with. */
export type Network = readonly [installer: CniInstaller, proxyMode: 'iptables' | 'nftables']

/** Its name with what was chosen of its options: `routes`, `flannel backend=host-gw`. */
export const networkName = ({ name, options }: Pick<CniInstaller, 'name' | 'options'>): string => `${name} ${optionsText(options)}`.trim()

/**
 * The networks that this run looks at: one of those whose images are here, drawn by the commit, so that every gate has the time for one and a
 * series of commits sees them all. HOPLAB_TEST_NETWORKS takes `all` (two to four minutes each) or a list of {@link networkName} with commas; a name that is not there is an error.
 */
export async function drawnNetworks(networks: readonly Network[]): Promise<Network[]> {
  using deadline = Deadline.start('draw the networks to test', 120_000)
  const probed = await Promise.all(networks.map(async ([installer]) => installer.probe('local', deadline)))
  const here = networks.filter(([{ name, images }], index) => {
    const answer = probed[index]
    // Only what is built on request may be missing; an engine that does not answer, say, must not make the list shorter.
    if (answer && !answer.ready && images.every((image) => ordinaryCniImages.includes(image))) throw new Error(`${name} cannot be looked at: ${answer.reasons.map(({ what }) => what).join(' ')}`)
    return answer?.ready
  })
  const asked = process.env.HOPLAB_TEST_NETWORKS
  if (asked === 'all') return here
  if (asked) return asked.split(',').map((name) => named(here, name))
  // Without a repository it is always the same one.
  const head = await exec('git', ['rev-parse', 'HEAD'], { deadline, cwd: import.meta.dirname })
  const draw = here[createHash('sha256').update(head.stdout.trim()).digest().readUInt32BE(0) % here.length]
  return draw ? [draw] : []
}

function named(here: readonly Network[], name: string): Network {
  const network = here.find(([installer]) => networkName(installer) === name)
  if (!network) throw new Error(`HOPLAB_TEST_NETWORKS names ${name}; here are ${here.map(([installer]) => networkName(installer)).join(', ')}`)
  return network
}
