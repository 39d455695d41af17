import type { BrokenHop, NetworkFacts } from '@hoplab/model'
import type { Round } from '../../round.ts'
import type { Sighting } from '../flow.ts'
import { hostOf } from '../capture/ends.ts'
import { type NodeLook, lookAtNode } from '../node/look-script.ts'
import { droppingPolicies } from '../rules/iptables.ts'
import { droppers, hookOf, risenText } from '../rules/matching.ts'
import { hasOwnNetwork, type Party } from '../stages.ts'
import type { NodeState } from '../window.ts'

/** A packet that came onto a node and did not go on. */
export interface Stuck {
  at: Party
  /** Where it came from. */
  from: Party | undefined
  /** Where it was on its way to. */
  towards: Party | undefined
  /** The last time it was seen; undefined for a packet of the node itself, and for one that no capture has. */
  last: Sighting | undefined
  ends: { from: string; to: string }
  state: NodeState | undefined
  /** Its sender was told at once that there is no connection: it was not lost here, whether or not it was seen. */
  answered: boolean
}

/** Why a node did not send a packet on: a rule, a switch, or a missing way, in the order in which the kernel asks them. Undefined when nothing explains an answer. */
export async function forwardingFault(round: Round, stuck: Stuck): Promise<BrokenHop | undefined> {
  const { at, state, last, ends } = stuck
  const ofOthers = last !== undefined || (stuck.from !== undefined && hasOwnNetwork(stuck.from))
  const dropped = droppedBy({ ...stuck, passed: ofOthers ? 'FORWARD' : 'OUTPUT' })
  if (dropped) return dropped
  const device = last ? deviceOf(last) : ''
  const look = await lookAtNode(round, at.node, { to: hostOf(ends.to), from: hostOf(ends.from), device })
  const shell = `hoplab shell toolbox/${at.position}, then: `
  if (!look.forwards) return { hop: `ip_forward on ${at.position}`, decidedBy: `net.ipv4.ip_forward is 0 on ${at.position}, so it sends on no packet of others`, command: `${shell}sysctl net.ipv4.ip_forward` }
  if (last?.way === 'in' && !look.deviceForwards) return { hop: `forwarding of ${device} on ${at.position}`, decidedBy: `net.ipv4.conf.${device}.forwarding is 0 on ${at.position}, so no packet that comes in by ${device} is sent on`, command: `${shell}cat /proc/sys/net/ipv4/conf/${device}/forwarding` }
  if ((state?.strayed ?? 0) > 0) {
    const back = await lookAtNode(round, at.node, { to: hostOf(ends.from), from: hostOf(ends.to), device: '' })
    // The source has to lead back to where the packet came from; without its route it does not.
    const lost = stuck.from && routeFault(round, { at, towards: stuck.from, ends: { from: ends.to, to: ends.from } }, back)
    return lost ?? { hop: `rp_filter on ${at.position}`, decidedBy: `${at.position} dropped ${state?.strayed} packets whose source does not lead back to ${device} (rp_filter)`, command: `${shell}nstat -az TcpExtIPReversePathFilter; sysctl -a | grep rp_filter` }
  }
  const known = routeFault(round, stuck, look) ?? neighbourFault(round, stuck, look) ?? policyFault({ ...stuck, chain: last ? 'FORWARD' : 'OUTPUT' })
  return known ?? (stuck.answered ? undefined : { inferred: true, hop: `forwarding on ${at.position}`, decidedBy: `the packet came onto ${at.position} and did not go on; its route is "${look.route}"`, command: `${shell}ip route get ${hostOf(ends.to)}` })
}

/** Where the kernel says that a packet came in: at the bridge, where it was caught at one of its ports. */
function deviceOf({ capture, link }: Sighting): string {
  const found = capture.links.get(link)
  return found?.bridge ?? found?.name ?? ''
}

/** Chain that a node sends a packet through: one of others, its own, or one for itself. */
export type Passage = 'FORWARD' | 'OUTPUT' | 'INPUT'

/**
 * A rule whose counter rose.
 * @param packet `passed`: the chain that the node sends such a packet through. `led`: where a Service's rules may have led it (`address:port`), which is how
 * the filter of the node sees it.
 */
export function droppedBy({ at, state, ends, led = [], passed }: Pick<Stuck, 'at' | 'state' | 'ends'> & { led?: readonly string[]; passed: Passage }): BrokenHop | undefined {
  const [first] = state ? droppers(state.risen, [ends.to, ...led].map((to) => ({ from: ends.from, to, protocol: 'tcp' }))) : []
  if (!first || !state) return undefined
  return { hop: `${hookOf(state.rules, first, passed)} on ${at.position}`, decidedBy: `${risenText(first)} on ${at.position}`, command: `hoplab shell toolbox/${at.position}, then: iptables-save -c -t ${first.rule.table} | grep ${first.rule.chain}` }
}

/** A chain whose policy drops what no rule accepts; iptables on nftables keeps no counter of it. */
export function policyFault({ at, state, chain }: Pick<Stuck, 'at' | 'state'> & { chain: Passage }): BrokenHop | undefined {
  if (!droppingPolicies(state?.listing ?? '').includes(`filter ${chain}`)) return undefined
  return { hop: `${chain} on ${at.position}`, decidedBy: `the policy of chain ${chain} on ${at.position} is DROP, and no rule accepts the packet`, command: `hoplab shell toolbox/${at.position}, then: iptables -L ${chain} -n -v` }
}

/** A route that is not there, or leads elsewhere than to the other node. */
export function routeFault(round: Round, { at, towards, ends }: Pick<Stuck, 'at' | 'towards' | 'ends'>, look: NodeLook): BrokenHop | undefined {
  const near = towards === undefined || towards.node === at.node
  if (look.device !== undefined && (near || hostOf(ends.to) === towards.nodeAddress || leadsTo(towards, look, round.view.networkFacts))) return undefined
  return {
    hop: near ? `route to ${hostOf(ends.to)} on ${at.position}` : `route to ${towards.position} on ${at.position}`,
    decidedBy: `on ${at.position} the way to ${hostOf(ends.to)} is "${look.route}"${near ? '' : `, which does not lead to ${towards.position}`}`, command: `hoplab shell toolbox/${at.position}, then: ip route get ${hostOf(ends.to)}`,
  }
}

/** Into the tunnel, or straight to the node. Without a tunnel a route may also say that the address itself is on the network of nodes. */
function leadsTo({ nodeAddress }: Party, { device, gateway }: NodeLook, { overlay }: NetworkFacts): boolean {
  if (gateway === nodeAddress) return true
  return overlay === undefined ? gateway === undefined : overlay.device === undefined || device === overlay.device
}

/** The tunnel needs the far end's hardware address before anything enters it. */
function neighbourFault(round: Round, { at, towards }: Stuck, look: NodeLook): BrokenHop | undefined {
  const device = round.view.networkFacts.overlay?.device
  if (device === undefined || look.device !== device || towards === undefined) return undefined
  const known = look.neighbours.find((line) => line.startsWith(`${look.gateway ?? ''} `))
  if (known?.includes('lladdr')) return undefined
  return { hop: `VXLAN ${at.position} → ${towards.position}`, decidedBy: `${at.position} knows no hardware address for ${look.gateway} on ${device}: ${known ?? 'no neighbour entry'}`, command: `hoplab shell toolbox/${at.position}, then: ip neigh show dev ${device}` }
}
