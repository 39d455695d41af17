import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence, NetworkFacts } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import type { Ends } from '../trace/capture/packet.ts'
import { hostOf, portOf } from '../trace/capture/ends.ts'
import type { StageName } from '../trace/stages.ts'
import type { OnUplink, WireView } from './wire.ts'

type Claim = CheckOf<'capture'>['expect']

/** Throws `NotMet` when an answered request between two Pods did not pass the wire as claimed. */
export function requireWire(claim: Claim, view: WireView, facts: NetworkFacts, evidence: Evidence[]): void {
  const fault = claim === 'nothing' ? uplinkFault(view) ?? cableFault(view) : overlayFault(claim, facts) ?? cableFault(view) ?? view.uplinks.map((uplink) => wayFault(claim, uplink, view, facts)).find((found) => found !== undefined)
  if (fault !== undefined) throw new NotMet(plainLine(fault, 400), evidence)
}

function overlayFault(claim: Claim, { overlay, overlayBetweenSubnets }: NetworkFacts): string | undefined {
  if (claim !== 'overlay' || overlay) return undefined
  if (overlayBetweenSubnets) return 'This cluster\'s network wraps packets between subnets only, and all its nodes share one, so there is no tunnel to be seen.'
  return 'This cluster\'s network wraps no packets, so there is no tunnel to be seen.'
}

/** Nothing of one connection may leave the node. */
function uplinkFault({ told: { client, server }, uplinks }: WireView): string | undefined {
  const leak = uplinks.find(({ wrapped, plain }) => wrapped.length + plain.length > 0)
  return leak && `Though ${client.name} and ${server?.name} are both on ${client.node}, its uplink carries ${leak.wrapped.length + leak.plain.length} packets of their connection.`
}

const cables: readonly StageName[] = ['client', 'client-veth', 'server-veth', 'server']

/** Both Pods' cables must show request and answer: otherwise somebody else was asked. */
function cableFault({ told: { client, server, endpoint }, dialled, passed, arrived }: WireView): string | undefined {
  if (endpoint !== dialled) return `${client.name} asked ${dialled}, and ${endpoint ?? 'nobody known'} answers: the address is translated on the way.`
  const missing = cables.find((name) => !passed.has(name))
  if (missing !== undefined) return `${client.name} is answered, but request and answer were not both seen at the ${missing.startsWith('client') ? `cable of ${client.name}` : `cable of ${server?.name}`} (${missing}): something else answers, or changes them on the way.`
  return arrived ? undefined : `${client.name} is answered, but its nonce did not arrive in ${server?.name}.`
}

/** What is wrong with how one node's uplink carried a connection between nodes. */
function wayFault(claim: Claim, uplink: OnUplink, view: WireView, facts: NetworkFacts): string | undefined {
  const { node, wrapped, plain, nonce } = uplink
  const { client, server } = view.told
  if (!server) return undefined
  if (wrapped.length + plain.length === 0) return `${client.name} is answered by ${server.name}, but the uplink of ${node} carried no packet of it that can be read${claim === 'overlay' ? `: nothing with their addresses inside UDP port ${facts.overlay?.port ?? '?'}` : ''}.`
  const [other, count] = claim === 'overlay' ? ['without any tunnel', plain.length] : ['inside a tunnel', wrapped.length]
  if (count > 0) return `The uplink of ${node} carried ${count} packets between ${client.name} and ${server.name} ${other}.`
  const inner = claim === 'overlay' ? wrapped.map((one) => one.inner) : plain
  const strange = inner.find((ends) => !isBetween(ends, client.address, server.address))
  if (strange) return `On the uplink of ${node} the packet is from ${strange.from} to ${strange.to}, not between the Pods' addresses ${client.address} and ${server.address}.`
  if (!nonce) return `The uplink of ${node} carried packets between the Pods' addresses, but not this request's nonce.`
  const odd = wrapped.find(({ outer }) => outer.vni !== (facts.overlay?.vni ?? outer.vni) || portOf(outer.to) !== (facts.overlay?.port ?? portOf(outer.to)))
  if (odd) return `The tunnel on the uplink of ${node} is ${tunnelName(odd.outer.vni)} to UDP port ${portOf(odd.outer.to)}, not ${facts.overlay?.vni ?? 'any'} to ${facts.overlay?.port}.`
  const detour = wrapped.find(({ outer }) => !isBetween(outer, client.nodeAddress, server.nodeAddress))
  return detour && `The tunnel on the uplink of ${node} goes from ${detour.outer.from} to ${detour.outer.to}, not between ${client.nodeAddress} and ${server.nodeAddress}.`
}

/** How a tunnel is called whose number is known, or which has none. */
export const tunnelName = (vni: number | undefined): string => (vni === undefined ? 'frames in UDP' : `VXLAN ${vni}`)

const isBetween = ({ from, to }: Ends, one: string, other: string): boolean => {
  const ends = [hostOf(from), hostOf(to)]
  return ends.includes(one) && ends.includes(other)
}
