import { plainLine } from '@hoplab/core'
import type { TraceHop } from '@hoplab/model'
import { describeTracked, type Tracked } from '../probes/conntrack.ts'
import type { Ends } from './capture/packet.ts'
import type { Sighting } from './flow.ts'
import { hostOf, portOf } from './capture/ends.ts'
import type { Passed } from './passed.ts'
import type { ServiceRule } from './rules/service-rule.ts'
import { hasOwnNetwork, type Party, type Stage, type StageName } from './stages.ts'

/** What is known besides packets. */
export interface Knowledge {
  /** Conntrack's record of this connection on the client's node. */
  tracked: Tracked | undefined
  /** Name of the Service that was asked, e.g. `tr/hello:80`; undefined where none was. */
  service: string | undefined
  rule: ServiceRule | undefined
}

/** The hops that packets passed, with what changed them in between. */
export function hopsOf(passed: readonly Passed[], client: Party, known: Knowledge): TraceHop[] {
  const hops = passed.flatMap((one, index) => {
    const before = passed[index - 1]
    const changes = before?.direction === one.direction && before.sighting && one.sighting ? changesBetween(one, before.sighting, one.sighting, known) : []
    return [...changes, passingHop(one)]
  })
  if (!hasOwnNetwork(client)) return [...nodeHops(client, known), ...hops]
  const first = (kind: TraceHop['kind']): number => hops.findIndex((hop) => hop.direction === 'request' && hop.kind === kind)
  const at = [first('service'), first('veth'), first('client')].find((index) => index >= 0)
  return known.tracked && at !== undefined ? hops.toSpliced(at + 1, 0, conntrackHop(client.position, known.tracked)) : hops
}

/** What happens inside a node before its packet is on any device: only conntrack's record tells. */
function nodeHops({ position }: Party, known: Knowledge): TraceHop[] {
  const { tracked } = known
  if (!tracked) return []
  const { original, reply } = tracked
  const opened = { from: `${original.src}:${original.sport}`, to: `${original.dst}:${original.dport}` }
  const sent = { from: `${reply.dst}:${reply.dport}`, to: `${reply.src}:${reply.sport}` }
  const change = { direction: 'request', where: position } as const
  return [
    { ...change, kind: 'client', name: 'socket', seen: 'tracked', before: opened, after: opened, what: `the connection is opened on ${position}` },
    ...(opened.to === sent.to ? [] : [serviceHop({ ...change, before: opened, after: { ...opened, to: sent.to } }, sent.to, known)]),
    conntrackHop(position, tracked),
    ...(original.src === reply.dst ? [] : [masqueradeHop({ ...change, before: { ...opened, to: sent.to }, after: sent }, 'tracked')]),
  ]
}

function masqueradeHop(change: Pick<TraceHop, 'direction' | 'where'> & { before: Ends; after: Ends }, seen: TraceHop['seen']): TraceHop {
  return { ...change, kind: 'masquerade', name: 'POSTROUTING', seen, what: `${change.where} writes ${hostOf(change.after.from)} into the packet as its source, in place of ${hostOf(change.before.from)}` }
}

function conntrackHop(where: string, tracked: Tracked): TraceHop {
  return { direction: 'request', kind: 'conntrack', where, name: 'conntrack', seen: 'tracked', what: `${where} remembers the connection: ${describeTracked(tracked)}` }
}

const kinds: Record<StageName, TraceHop['kind']> = {
  client: 'client', 'client-veth': 'veth', 'client-bridge': 'bridge', 'client-tunnel': 'tunnel', 'client-uplink': 'uplink',
  'server-uplink': 'uplink', 'server-tunnel': 'tunnel', 'server-bridge': 'bridge', 'server-veth': 'veth', server: 'server',
}

function passingHop({ stage, direction, sighting }: Passed): TraceHop {
  const { ends, outer } = sighting ?? {}
  return {
    direction, kind: kinds[stage.name], where: placeOf(stage), name: linkOf(stage, sighting), seen: sighting ? 'captured' : 'inferred', what: whatOf(stage, direction, sighting),
    ...(ends ? { before: plain(ends), after: plain(ends) } : {}), ...(outer ? { outer: { from: outer.from, to: outer.to, ...(outer.vni === undefined ? {} : { vni: outer.vni }) } } : {}),
  }
}

const plain = ({ from, to }: Ends): Ends => ({ from, to })

/** Inside a Pod's own network, or on its node. */
function placeOf({ name, party }: Stage): string {
  return (name === 'client' || name === 'server') && hasOwnNetwork(party) ? party.name : party.position
}

const linkOf = (stage: Stage, sighting: Sighting | undefined): string => (sighting && stage.capture?.links.get(sighting.link)?.name) ?? 'not seen'

function whatOf(stage: Stage, direction: Passed['direction'], sighting: Sighting | undefined): string {
  const request = direction === 'request'
  const where = placeOf(stage)
  const at = stage.party.position
  const texts: Record<StageName, string> = {
    client: request ? `the connection is opened; its first packet leaves ${where}` : `the answer arrives in ${where}`,
    'client-veth': request ? `the packet comes out of ${stage.party.name} onto ${at}` : `the answer goes to ${stage.party.name}`,
    'client-bridge': request ? `the bridge hands the packet to ${at} itself` : `${at} gives the answer to the bridge`,
    'client-tunnel': request ? `${at} sends the packet into the tunnel` : `the answer comes out of the tunnel on ${at}`,
    'client-uplink': request ? `the packet leaves ${at}` : `the answer arrives on ${at}`,
    'server-uplink': request ? `the packet arrives on ${at}` : `the answer leaves ${at}`,
    'server-tunnel': request ? `the packet comes out of the tunnel on ${at}` : `${at} sends the answer into the tunnel`,
    'server-bridge': request ? `${at} gives the packet to the bridge` : `the bridge hands the answer to ${at} itself`,
    'server-veth': request ? `the packet goes to ${stage.party.name}` : `the answer comes out of ${stage.party.name} onto ${at}`,
    server: request ? `the packet arrives in ${where}` : `the answer leaves ${where}`,
  }
  const wrapped = sighting?.outer ? `, wrapped in ${sighting.outer.vni === undefined ? `UDP port ${portOf(sighting.outer.to)}` : `VXLAN number ${sighting.outer.vni}`}` : ''
  return `${texts[stage.name]}${bridgeOf(stage, sighting)}${wrapped}`
}

/** What passes between ports of one bridge is not seen on the bridge itself. */
function bridgeOf({ name, capture }: Stage, sighting: Sighting | undefined): string {
  const bridge = name === 'client-veth' || name === 'server-veth' ? sighting && capture?.links.get(sighting.link)?.bridge : undefined
  return bridge === undefined ? '' : `, at a port of the bridge ${plainLine(bridge, 20)}`
}

/** Address translation between two places: only what both packets show to have changed. */
function changesBetween(after: Passed, from: Sighting, to: Sighting, known: Knowledge): TraceHop[] {
  const where = after.stage.party.position
  const change = { direction: after.direction, where, before: plain(from.ends), after: plain(to.ends) } as const
  const same = from.ends.from === to.ends.from && from.ends.to === to.ends.to
  if (after.direction === 'reply') {
    return same ? [] : [{ ...change, kind: 'conntrack', name: 'conntrack', seen: 'captured', what: `${where} remembers the connection and puts back the addresses that the client used` }]
  }
  return [
    ...(from.ends.to === to.ends.to ? [] : [serviceHop(change, to.ends.to, known)]),
    ...(hostOf(from.ends.from) === hostOf(to.ends.from) ? [] : [masqueradeHop(change, 'captured')]),
  ]
}

function serviceHop(change: Pick<TraceHop, 'direction' | 'where' | 'before' | 'after'>, endpoint: string, { tracked, service, rule }: Knowledge): TraceHop {
  const chains = rule ? [rule.service, rule.endpoint].filter((name) => name !== undefined) : []
  return {
    ...change, kind: 'service', name: chains.join(', then ') || 'address translation', seen: tracked ? 'tracked' : 'captured',
    what: `the rules of ${service === undefined ? 'address translation' : `Service ${service}`} choose the endpoint ${endpoint} and write it into the packet${tracked ? '; conntrack agrees' : ''}`,
  }
}
