import type { BrokenHop } from '@hoplab/model'
import type { Round } from '../../round.ts'
import type { Capture } from '../node/captured.ts'
import type { Party } from '../stages.ts'
import type { Seen } from '../window.ts'
import { tunnelFault } from './tunnel.ts'

/** A packet that waits in `where` for the hardware address of `to`. */
interface Waiting { where: Capture | undefined; from: Party; to: Party | undefined; inner: { from: string; to: string } }

/**
 * Nobody answers for the hardware address that a packet needs before it can leave (ARP, RFC 826), so that no capture has it. Where programs carry the frames
 * of one Ethernet between nodes, that question goes through the tunnel as well: the tunnel is what is broken, though nothing was seen to enter it.
 * Undefined on other networks, where no Pod is asked for from another node.
 */
export async function unresolvedFault(round: Round, seen: Seen, { where, from, to, inner }: Waiting): Promise<BrokenHop | undefined> {
  if (round.view.networkFacts.overlay?.kind !== 'udp' || !to || to.node === from.node || !where?.unresolved.includes(to.address)) return undefined
  const fault = await tunnelFault(round, seen, { from, to, left: true, inner })
  if (!fault.inferred) return fault
  const asker = where.place === 'node' ? from.position : from.name
  return { ...fault, decidedBy: `${asker} asks which hardware address has ${to.address} (ARP) and gets no answer, so it sends no packet there; on this network the question goes to ${to.position} in the tunnel`, command: `hoplab shell toolbox/${to.position}, then: ss -lunp sport = :${round.view.networkFacts.overlay.port}` }
}
