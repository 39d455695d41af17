import { askName } from '../probes/ask-name.ts'
import { type ControlPath, controlPaths } from '../probes/control.ts'
import { NotMet } from '../kinds/look.ts'
import type { DnsAnswer } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { dnsEndpoints } from '../scene/dns-servers.ts'
import type { Destination } from '../scene/destination.ts'
import type { Origin } from '../scene/origin.ts'
import { requireInternet } from '../probes/internet-control.ts'
import { type Answer, answersOf, httpFault } from './answer.ts'
import { type Records, recordsThrough } from './entry-node.ts'

/** Waits of one connection, in milliseconds: longer than the kernel's first SYN retransmission at 1 s (RFC 6298), so that one lost packet is no red. */
export const connectMs = 2_000

/** Connections one node opens at the same time: enough to keep dead addresses from adding up, few enough for a two-core machine. */
const parallel = 16

/** What came of asking one destination from one origin. */
export interface Exchange {
  origin: Origin
  destination: Destination
  /** The name's answer, when the origin dialled by name. */
  dns: (DnsAnswer & { asked: string }) | undefined
  /** Empty when the name did not resolve. */
  answers: Answer[]
  paths: ControlPath[]
  /** Paths to the nodes whose Pods answer DNS, when the origin dialled by name. */
  dnsPaths: ControlPath[]
}

/**
 * Opens `count` fresh connections per address from one origin, with the control of every node that may answer in the same batch. Fewer when one had no
 * answer: whoever asks for all of them to be answered has failed for certain then, and each costs seconds.
 * @param atOnce connections that are open at the same time
 */
export async function exchange(round: Round, origin: Origin, destination: Destination, count: number, atOnce: number = parallel): Promise<Exchange> {
  // The control travels even to a Service without endpoints: the origin's own node is always asked.
  const nodes = [origin.node, ...(destination.entry === undefined ? [] : [destination.entry]), ...destination.endpoints.flatMap(({ node }) => (node === undefined ? [] : [node]))]
  const asked = origin.pod === undefined ? undefined : destination.nameFrom?.(origin)
  const dial = (addresses: string[]): Promise<Answer[]> => connections(round, origin, destination, addresses, { count, atOnce })
  const [paths, dnsPaths, dns, direct] = await Promise.all([
    pathsOf(round, origin, destination, nodes),
    asked === undefined || origin.outside ? [] : controlPaths(round, origin.node, dnsEndpoints(round).flatMap(({ node }) => node ?? [])),
    asked === undefined ? undefined : askName(round, origin.node, { kind: 'dns', from: origin.from, name: asked, type: 'A', timeoutMs: connectMs }),
    dial(destination.addresses),
  ])
  if (asked === undefined) return { origin, destination, dns: undefined, answers: direct, paths, dnsPaths }
  if (!dns) throw new NotMet(`The name ${asked} could not be asked for from ${origin.name}.`)
  const resolved = dns.addresses
  // A client dials what its resolver says. Usually that is the ClusterIP, which was dialled in the same batch; if not, dial again.
  const same = resolved.length > 0 && resolved.every((address) => destination.addresses.includes(address))
  return { origin, destination, dns: { ...dns, asked }, answers: same ? direct : resolved.length > 0 ? await dial(resolved.slice(0, 1)) : [], paths, dnsPaths }
}

/** The control of one exchange. From outside: the gateway and the host there speak with each other, and the nodes behind whatever is dialled do. */
async function pathsOf(round: Round, origin: Origin, { entry, endpoints }: Destination, nodes: readonly string[]): Promise<ControlPath[]> {
  if (!origin.outside) return controlPaths(round, origin.node, nodes)
  const start = entry ?? endpoints.find(({ node }) => node !== undefined)?.node
  const [, inside] = await Promise.all([requireInternet(round), start === undefined ? [] : controlPaths(round, start, nodes.filter((node) => node !== origin.node))])
  return inside
}

/** From the records of the place that asked, those that tell who was chosen: of a NodePort those of the node that was dialled. Called once the connections were made. */
export async function deciding(round: Round, origin: Origin, { entry = origin.node }: Destination): Promise<(own: Records) => Records> {
  const atEntry = entry === origin.node ? undefined : await round.batcher.conntrack(entry)
  // What a host outside keeps ends at whatever stands in front of the nodes, a load balancer say: it does not tell who was chosen behind it.
  return (own) => (atEntry ? recordsThrough(own, atEntry) : origin.outside ? noRecords : own)
}

const noRecords: Records = { entryFor: () => undefined, wasReused: () => false }

async function connections(round: Round, origin: Origin, destination: Destination, addresses: string[], { count, atOnce }: { count: number; atOnce: number }): Promise<Answer[]> {
  const dialled = addresses.map((address) => (address.includes(':') ? `[${address}]:${destination.port}` : `${address}:${destination.port}`))
  // kube-proxy refuses for a Service without endpoints by ICMP, of which the kernel sends few (net.ipv4.icmp_ratelimit); many attempts would time out.
  const hopeless = destination.service !== undefined && destination.endpoints.length === 0 && addresses === destination.addresses
  const first = hopeless ? Math.min(count, 2) : count
  const results = await Promise.all(dialled.map((target) => round.batcher.ask(origin.node, { kind: 'http', from: origin.from, target, count: first, parallel: atOnce, timeoutMs: connectMs, giveUpAfter: 1 })))
  if (hopeless && results.some((result) => result.class === 'OK')) throw new NotMet(`${destination.label} answers although it has no endpoint.`)
  const records = await deciding(round, origin, destination)
  return answersOf(round, destination, results.flatMap(({ connections: made, table }, index) => made.map((connection) => ({ dialled: dialled[index] ?? '', connection, table: records(table) }))))
}

/** How many connections ended in each way, `3 OK, 1 OK with HTTP 503, 2 REFUSED`. */
export function tally(answers: readonly Answer[]): string {
  const counts = new Map<string, number>()
  for (const { connection } of answers) {
    const fault = connection.class === 'OK' ? httpFault(connection) : undefined
    const end = fault === undefined ? connection.class : `${connection.class} ${fault}`
    counts.set(end, (counts.get(end) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'no connection'
}
