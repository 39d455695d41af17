import type { Round } from '../round.ts'
import { Broken } from '../probes/broken.ts'
import { normalIp } from './address.ts'

/** Every address on any device of a node: uplink, bridge and tunnel. Which of them a connection leaves with is the node's choice (kubernetes#138360). */
export async function ownAddresses(round: Round, node: string): Promise<string[]> {
  const text = await round.batcher.run(node, ['ip', '-j', 'address'])
  try {
    const links = JSON.parse(text) as { addr_info?: { local?: string; scope?: string }[] }[]
    return links.flatMap((link) => (link.addr_info ?? []).filter(({ scope }) => scope === 'global').flatMap(({ local }) => normalIp(local ?? '') ?? []))
  } catch (cause) {
    throw new Broken(`The addresses of ${node} could not be read.`, { hopeless: true, cause })
  }
}
