import type { NetworkFacts } from '@hoplab/model'
import type { Way } from './capture/cooked.ts'
import type { Sighting } from './flow.ts'
import type { Capture, Link } from './node/captured.ts'

/** One end of a connection. */
export interface Party {
  /** `Pod first-packet/client` or `node worker-1`. */
  name: string
  node: string
  /** Position of the node. */
  position: string
  address: string
  /** Address of the node on the network of nodes. */
  nodeAddress: string
  /** Its own network; for a node, or a Pod on the host's network, the node's. Undefined when nothing was captured there. */
  own: Capture | undefined
  /** The network of its node. */
  host: Capture | undefined
}

/** A place a request passes, in the order of the path. */
export type StageName = 'client' | 'client-veth' | 'client-bridge' | 'client-tunnel' | 'client-uplink' | 'server-uplink' | 'server-tunnel' | 'server-bridge' | 'server-veth' | 'server'

/** See {@link StageName}. */
export interface Stage {
  name: StageName
  party: Party
  capture: Capture | undefined
  /** Which way the request passes it; its answer passes the other way. */
  way: Way
  isHere(link: Link | undefined, index: number): boolean
  /** A packet need not pass it: nothing is missing when it does not. */
  optional: boolean
}

/**
 * The places between two ends in the order in which a request passes them, by the logic of the network and not by any clock. Without a server:
 * only as far as the client's node knows the way.
 */
export function stagesBetween(client: Party, server: Party | undefined, facts: NetworkFacts): Stage[] {
  const sameNode = server !== undefined && server.node === client.node
  const inside = server !== undefined && !sameNode
  return [
    ...clientStages(client, facts),
    ...(sameNode ? [] : leaving(client, facts, inside && hasOwnNetwork(server))),
    ...(inside ? arriving(server, facts) : []),
    ...(server === undefined ? [] : serverStages(server, facts)),
  ]
}

/** Whether a Pod has a network of its own, unlike a node or a Pod on the host's; also where only its node was captured. */
export const hasOwnNetwork = ({ own, host }: Party): boolean => own !== host

const isDevice = (name: string | undefined) => (link: Link | undefined): boolean => link !== undefined && link.name === name

/** The node's end of a Pod's cable is the peer of the Pod's own interface. */
function isCableOf(party: Party): Stage['isHere'] {
  const own = [...party.own?.links.values() ?? []].find(({ addresses }) => addresses.includes(party.address))
  return (_link, index) => own?.peer !== undefined && index === own.peer
}

/** A node's own connections are seen only where they leave it. */
function clientStages(client: Party, facts: NetworkFacts): Stage[] {
  if (!hasOwnNetwork(client)) return []
  return [
    { name: 'client', party: client, capture: client.own, way: 'out', optional: false, isHere: holds(client) },
    { name: 'client-veth', party: client, capture: client.host, way: 'in', optional: false, isHere: isCableOf(client) },
    ...(facts.bridge === undefined ? [] : [{ name: 'client-bridge', party: client, capture: client.host, way: 'in', optional: true, isHere: isDevice(facts.bridge) } as const]),
  ]
}

function serverStages(server: Party, facts: NetworkFacts): Stage[] {
  if (!hasOwnNetwork(server)) return []
  return [
    ...(facts.bridge === undefined ? [] : [{ name: 'server-bridge', party: server, capture: server.host, way: 'out', optional: true, isHere: isDevice(facts.bridge) } as const]),
    // Which cable is the Pod's is known from its own end.
    { name: 'server-veth', party: server, capture: server.own && server.host, way: 'out', optional: false, isHere: isCableOf(server) },
    { name: 'server', party: server, capture: server.own, way: 'in', optional: false, isHere: holds(server) },
  ]
}

function leaving(client: Party, facts: NetworkFacts, toPod: boolean): Stage[] {
  const device = toPod ? facts.overlay?.device : undefined
  const at = { party: client, capture: client.host, way: 'out' as const }
  return [
    ...(device === undefined ? [] : [{ ...at, name: 'client-tunnel' as const, optional: true, isHere: isDevice(device) }]),
    { ...at, name: 'client-uplink', optional: false, isHere: isUplink(client) },
  ]
}

function arriving(server: Party, facts: NetworkFacts): Stage[] {
  const device = hasOwnNetwork(server) ? facts.overlay?.device : undefined
  const at = { party: server, capture: server.host, way: 'in' as const }
  return [
    { ...at, name: 'server-uplink', optional: false, isHere: isUplink(server) },
    ...(device === undefined ? [] : [{ ...at, name: 'server-tunnel' as const, optional: true, isHere: isDevice(device) }]),
  ]
}

/** The device that has the node's own address leads to the other nodes. */
const isUplink = ({ nodeAddress }: Party) => (link: Link | undefined): boolean => link?.addresses.includes(nodeAddress) === true

const holds = ({ address }: Party) => (link: Link | undefined): boolean => link?.addresses.includes(address) === true

/** The sighting of a stage, on the way of the request or of its answer. */
export function sightingAt(stage: Stage, sightings: readonly Sighting[], direction: 'request' | 'reply'): Sighting | undefined {
  const way: Way = direction === 'request' ? stage.way : stage.way === 'in' ? 'out' : 'in'
  return sightings.find((one) => one.capture === stage.capture && one.way === way && stage.isHere(one.capture.links.get(one.link), one.link))
}
