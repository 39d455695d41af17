import type { BrokenHop } from '@hoplab/model'
import type { Round } from '../../round.ts'
import type { Asked } from '../goal.ts'
import { lookAtNode } from '../node/look-script.ts'
import { hostOf } from '../capture/ends.ts'
import type { Gap } from '../passed.ts'
import { hooksOf } from '../rules/iptables.ts'
import { hasOwnNetwork, type Party, type StageName } from '../stages.ts'
import type { Told } from '../trace.ts'
import type { NodeState, Seen } from '../window.ts'
import { droppedBy, forwardingFault, policyFault, routeFault } from './forwarding.ts'
import { refusalFault, serviceFault } from './service-fault.ts'
import { staleEndpointFault } from './stale-endpoint.ts'
import { tunnelFault } from './tunnel.ts'
import { unresolvedFault } from './unresolved.ts'

/**
 * The first place where the packet was missing, and what decided. Undefined when the request was answered, and where no capture proves anything.
 * The words are stable, so that they can be declared: `Service NS/NAME:PORT`, `rule of Service NS/NAME:PORT on POSITION`, `kube-proxy on POSITION`,
 * `CHAIN on POSITION`, `ip_forward on POSITION`, `rp_filter on POSITION`, `route to POSITION on POSITION`, `VXLAN POSITION → POSITION`,
 * `tunnel POSITION → POSITION` (of programs), `link POSITION → POSITION`, `forwarding of DEVICE on POSITION`, `forwarding on POSITION`, `Pod NS/NAME:PORT`.
 * @throws Broken when a node cannot be looked at
 */
export async function brokenHopOf(round: Round, asked: Asked, told: Told, seen: Seen): Promise<BrokenHop | undefined> {
  if (told.class === 'OK') return undefined
  const known = await serviceFault(round, asked, told, seen) ?? await staleEndpointFault(round, asked, told) ?? refusalFault(asked, told)
  if (known || !told.gap?.proven) return known
  return gapFault(round, asked, told, seen, told.gap)
}

/** Stages by their place relative to the packet's direction. */
type Leg = 'start' | 'start-veth' | 'start-node' | 'start-tunnel' | 'start-uplink' | 'end-uplink' | 'end-tunnel' | 'end-node' | 'end-veth' | 'end'

const legs: Record<StageName, readonly [request: Leg, reply: Leg]> = {
  client: ['start', 'end'], 'client-veth': ['start-veth', 'end-veth'], 'client-bridge': ['start-node', 'end-node'], 'client-tunnel': ['start-tunnel', 'end-tunnel'],
  'client-uplink': ['start-uplink', 'end-uplink'], 'server-uplink': ['end-uplink', 'start-uplink'], 'server-tunnel': ['end-tunnel', 'start-tunnel'],
  'server-bridge': ['end-node', 'start-node'], 'server-veth': ['end-veth', 'start-veth'], server: ['end', 'start'],
}

async function gapFault(round: Round, asked: Asked, told: Told, seen: Seen, gap: Gap): Promise<BrokenHop | undefined> {
  const request = gap.direction === 'request'
  const legOf = (name: StageName): Leg => legs[name][request ? 0 : 1]
  const { client, server } = told
  const [from, to] = request || !server ? [client, server] : [server, client]
  const last = gap.last && legOf(gap.last.stage.name)
  const sighting = gap.last?.sighting
  const ends = sighting?.ends ?? { from: `${from.address}:0`, to: told.endpoint ?? `${asked.goal.address}:${asked.goal.port}` }
  const stuckAt = async (at: Party, towards: Party | undefined): Promise<BrokenHop | undefined> => {
    const fault = await forwardingFault(round, { at, from, towards, last: sighting, ends, state: seen.nodes.get(at.node), answered: !told.flow && told.class === 'UNREACHABLE' })
    return fault && !fault.inferred ? fault : await unresolvedFault(round, seen, { where: at.host, from: at, to: towards, inner: ends }) ?? fault
  }
  const unknownEnd = (): BrokenHop => ({ inferred: true, hop: `link ${from.position} → ${hostOf(ends.to)}`, decidedBy: `the packet left ${from.position}, and no answer came back`, command: `hoplab shell toolbox/${from.position}, then: ip route get ${hostOf(ends.to)}` })
  // The request went as far as anybody knows the way; whoever should have answered has no place to look at.
  if (!request && !server) return unknownEnd()
  if (last === undefined || last === 'start') return request && !hasOwnNetwork(from) ? stuckAt(from, to) : ownNodeFault(asked, told, seen) ?? await unresolvedFault(round, seen, { where: from.own, from, to, inner: ends }) ?? silentStart(asked, from, gap)
  if (last === 'start-veth' || last === 'start-node') return stuckAt(from, to)
  if (!to) return unknownEnd()
  if (last === 'start-tunnel') return tunnelFault(round, seen, { from, to, left: false, inner: ends })
  if (last === 'start-uplink') return linkFault(round, seen, { from, to, wrapped: sighting?.outer !== undefined, outer: sighting?.outer?.to, ends })
  if (last === 'end-uplink' && sighting?.outer) return tunnelFault(round, seen, { from, to, left: true, inner: ends })
  return last === 'end-veth' ? silentStart(asked, to, gap) : stuckAt(to, to)
}

/** A server on its node's network answers only what the rules for packets to the node, and from it, let through. */
function ownNodeFault({ goal }: Asked, { client, server, endpoint }: Told, seen: Seen): BrokenHop | undefined {
  if (!server || hasOwnNetwork(server)) return undefined
  const [from, to] = [`${client.address}:0`, endpoint ?? `${goal.address}:${goal.port}`]
  const state = seen.nodes.get(server.node)
  // A rule in FORWARD that rose was met by others: packets to the node itself do not come there.
  const of = (...hooks: string[]): typeof state => state && { ...state, risen: state.risen.filter(({ rule }) => hooksOf(state.rules, rule.table, rule.chain).some((hook) => hooks.includes(hook))) }
  return droppedBy({ at: server, state: of('PREROUTING', 'INPUT'), ends: { from, to }, passed: 'INPUT' })
    ?? droppedBy({ at: server, state: of('OUTPUT', 'POSTROUTING'), ends: { from: to, to: from }, passed: 'OUTPUT' })
    ?? inputPolicyFault(server, state)
}

/** Whether a rule accepts what the policy would drop is not known: no counter tells, and the server itself may be silent. */
function inputPolicyFault(at: Party, state: NodeState | undefined): BrokenHop | undefined {
  const fault = policyFault({ at, state, chain: 'INPUT' })
  return fault && { ...fault, inferred: true, decidedBy: `the policy of chain INPUT on ${at.position} is DROP, and no answer came out of the node` }
}

/** Nothing came out of a Pod that should have sent something. */
function silentStart({ goal }: Asked, party: Party, gap: Gap): BrokenHop {
  const hop = gap.direction === 'reply' ? goal.name : `network of ${party.name}`
  const decidedBy = gap.direction === 'reply' ? `the request arrived in ${party.name}, which sent no answer` : `no packet came out of ${party.name}`
  return { inferred: true, hop, decidedBy, command: `hoplab shell toolbox/${party.position}, then: tcpdump -ni any tcp port ${goal.port}` }
}

async function linkFault(round: Round, seen: Seen, { from, to, wrapped, outer, ends }: { from: Party; to: Party; wrapped: boolean; outer: string | undefined; ends: { from: string; to: string } }): Promise<BrokenHop> {
  if (wrapped && outer !== undefined && hostOf(outer) !== to.nodeAddress) return tunnelFault(round, seen, { from, to, left: false, inner: ends })
  const look = await lookAtNode(round, from.node, { to: hostOf(ends.to), from: hostOf(ends.from), device: '' })
  const route = wrapped ? undefined : routeFault(round, { at: from, towards: to, ends }, look)
  return route ?? { inferred: true, hop: `link ${from.position} → ${to.position}`, decidedBy: `the packet left ${from.position} for ${outer ?? ends.to} and did not arrive on ${to.position}`, command: `hoplab shell toolbox/${to.position}, then: tcpdump -ni eth0 host ${from.nodeAddress}` }
}
