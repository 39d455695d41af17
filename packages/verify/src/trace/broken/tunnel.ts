import type { BrokenHop } from '@hoplab/model'
import type { Round } from '../../round.ts'
import { lookAtNode } from '../node/look-script.ts'
import { droppers, type Decided, risenText } from '../rules/matching.ts'
import type { Party } from '../stages.ts'
import type { Seen } from '../window.ts'
import { droppedBy } from './forwarding.ts'

/** A packet between two nodes: `left` says whether it was seen to leave the first, wrapped; `inner` are its own ends. */
export interface Tunnelled { from: Party; to: Party; left: boolean; inner: { from: string; to: string } }

/** Why a packet that went into the tunnel at one node did not come out of it at the other. */
export async function tunnelFault(round: Round, seen: Seen, { from, to, left, inner }: Tunnelled): Promise<BrokenHop> {
  const { overlay } = round.view.networkFacts
  const hop = `${overlay?.kind === 'udp' ? 'tunnel' : 'VXLAN'} ${from.position} → ${to.position}`
  const outside: Decided = { protocol: 'udp', from: `${from.nodeAddress}:0`, to: `${to.nodeAddress}:${overlay?.port ?? 0}` }
  for (const party of [from, to]) {
    const state = seen.nodes.get(party.node)
    const [first] = droppers(state?.risen ?? [], [outside]).filter(({ rule }) => rule.text.includes('udp'))
    if (first) return { hop, decidedBy: `${risenText(first)} on ${party.position}`, command: `hoplab shell toolbox/${party.position}, then: iptables-save -c -t ${first.rule.table} | grep ${first.rule.chain}` }
  }
  // Without a device of the tunnel nobody sees what comes out of it before the rules of that node were asked.
  if (overlay?.kind === 'udp') return (left ? droppedBy({ at: to, state: seen.nodes.get(to.node), ends: inner, passed: 'FORWARD' }) : undefined) ?? { inferred: true, hop, ...programsFault(round, { from, to, left }) }
  if (left) return { inferred: true, hop, decidedBy: `the wrapped packet reached ${to.position}, but nothing came out of ${overlay?.device}`, command: `hoplab shell toolbox/${to.position}, then: ip -d link show ${overlay?.device}` }
  const look = await lookAtNode(round, from.node, { to: to.address, from: from.address, device: '' })
  const mac = look.neighbours.find((line) => line.startsWith(`${look.gateway ?? ''} `))?.match(/lladdr (\S+)/u)?.[1]
  const entry = look.fdb.find((line) => mac !== undefined && line.startsWith(mac))
  const decidedBy = entry === undefined ? `${overlay?.device} on ${from.position} has no forwarding entry (FDB) for ${mac ?? to.position}, so it does not know which node to send to`
    : entry.includes(`dst ${to.nodeAddress}`) ? `the packet went into ${overlay?.device} on ${from.position}, and no wrapped packet left the node; forwarding entry: ${entry}` : `${overlay?.device} on ${from.position} sends to the wrong node: ${entry}`
  return { ...(entry?.includes(`dst ${to.nodeAddress}`) ? { inferred: true as const } : {}), hop, decidedBy, command: `hoplab shell toolbox/${from.position}, then: bridge fdb show dev ${overlay?.device}` }
}

/** Where a program of each node wraps and unwraps there is no device to ask, only whether it listens. */
function programsFault({ view: { networkFacts: { overlay, bridge, cni } } }: Round, { from, to, left }: { from: Party; to: Party; left: boolean }): Pick<BrokenHop, 'decidedBy' | 'command'> {
  const at = left ? to.position : from.position
  const decidedBy = left ? `the wrapped packet reached ${to.position}, but ${cni} there put nothing onto ${bridge ?? 'any device'}` : `${cni} on ${from.position} did not send the packet to ${to.position}`
  return { decidedBy, command: `hoplab shell toolbox/${at}, then: ss -lunp sport = :${overlay?.port ?? 0}` }
}
