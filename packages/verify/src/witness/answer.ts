import { plainLine } from '@hoplab/core'
import type { Tracked } from '../probes/conntrack.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Destination } from '../scene/destination.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podAt, podName } from '../scene/pods.ts'
import { isTrusted } from '../scene/trust.ts'
import { ipOf } from './address.ts'
import type { Records } from './entry-node.ts'

/** One connection with all that is known about who answered it. */
export interface Answer {
  connection: Connection
  /** `ip:port` that was dialled. */
  dialled: string
  /** The record of the connection on the node that chose the endpoint: the client's own, or the one whose NodePort was dialled. */
  tracked: Tracked | undefined
  /** Address of the answering server by the best witness: the kernel, else the dialled address of a single server, else the server itself. */
  backend: string | undefined
  /** The Pod with that address. */
  pod: Pod | undefined
  /** Whether the server's own words count. */
  trusted: boolean
  /** True when another connection took over the kernel's record, so that it is not known for certain who answered. */
  overwritten: boolean
  /** Why an OK does not count; undefined when it does. */
  doubt: string | undefined
}

/** One connection as the probe told it, before anybody judged it. */
export interface Attempt { dialled: string; connection: Connection; table: Records }

/**
 * Decides who answered each connection of one exchange. A server's own words count only from a Pod of the lab's image; and where the kernel
 * keeps records at all, they name a backend only beside a connection whose record shows that this backend is answered from: a client that
 * reuses its ports overwrites records, and would leave the server's word alone.
 */
export function answersOf(round: Round, destination: Destination, attempts: readonly Attempt[]): Answer[] {
  const protocol = destination.protocol ?? 'tcp'
  const records = attempts.map(({ dialled, connection: { local }, table }) => (local === undefined ? undefined : table.entryFor(local, dialled, protocol)))
  const believable = destination.endpoints.length > 0 && destination.endpoints.every((endpoint) => trustedAt(round, destination, endpoint.ip, endpoint.port))
  const confirmed = new Set(records.flatMap((record) => record?.reply.src ?? []))
  const overwrites = attempts.map(({ dialled, connection: { local }, table }) => local !== undefined && table.wasReused(local, dialled, protocol))
  const untracked = confirmed.size === 0 && !overwrites.includes(true)
  return attempts.map(({ dialled, connection }, index) => {
    const tracked = records[index]
    const claimed = connection.server && ipOf(connection.server.local)
    const accepted = believable && claimed !== undefined && (untracked || confirmed.has(claimed)) ? claimed : undefined
    const backend = tracked?.reply.src ?? (destination.direct ? ipOf(dialled) : accepted)
    const pod = backend === undefined ? undefined : podBehind(round, destination, backend, tracked?.reply.sport)
    const trusted = pod !== undefined && isTrusted(pod, round.view.trustedImages)
    const judged = { connection, dialled, tracked, backend, pod, trusted, overwritten: overwrites[index] === true }
    return { ...judged, doubt: connection.class === 'OK' ? doubtOf(judged, destination) : undefined }
  })
}

/**
 * What an answer lacks as HTTP; undefined when nothing. 5xx is the server's own word that it failed (RFC 9110 §15.6); below that it did answer:
 * a right server unlike ours may have nothing at "/".
 */
export function httpFault({ status = 0 }: Connection): string | undefined {
  if (status === 0) return 'without HTTP'
  return status >= 500 ? `with HTTP ${status}` : undefined
}

function doubtOf({ connection, dialled, tracked, backend, pod, trusted, overwritten }: Omit<Answer, 'doubt'>, destination: Destination): string | undefined {
  const fault = destination.protocol === 'udp' ? undefined : httpFault(connection)
  if (fault !== undefined) return connection.status ? fault : 'what answered does not speak HTTP'
  const elsewhere = tracked && ((destination.direct ? inItsPlace(tracked, dialled) : undefined) ?? portBeside(tracked, destination))
  if (elsewhere !== undefined) return elsewhere
  if (backend === undefined) return overwritten ? undefined : 'nothing but the server itself says who answered, and its image is not the lab\'s'
  if (!trusted || !pod) return undefined
  if (!connection.server || connection.server.nonce !== connection.nonce) return `the answer does not carry this request's nonce, so Pod ${podName(pod)} did not write it`
  const claimed = ipOf(connection.server.local)
  return claimed === backend ? undefined : `the server says it is ${plainLine(claimed, 60)}, ${tracked ? 'the kernel' : 'the address dialled'} says ${backend}`
}

/** Where only one server can be behind the dialled address, a record that is answered from elsewhere was translated on the way. */
function inItsPlace({ reply }: Tracked, dialled: string): string | undefined {
  const answering = `${reply.src}:${reply.sport}`
  return answering === dialled ? undefined : `the kernel says that ${answering} answers in place of ${dialled}`
}

/** A Pod that is an endpoint, answering from a port that is not the endpoint's: somebody else in it was asked. */
function portBeside({ reply }: Tracked, { endpoints }: Destination): string | undefined {
  const there = endpoints.filter(({ ip, port }) => ip === reply.src && port !== undefined)
  if (there.length === 0 || there.some(({ port }) => port === reply.sport)) return undefined
  return `the kernel says that port ${reply.sport} of ${reply.src} answered, and the endpoint there is port ${there.map(({ port }) => port).join(' or ')}`
}

/** Pods on the host's network share the node's address; there only the endpoint's own target tells which Pod it is. */
function podBehind(round: Round, destination: Destination, ip: string, port: number | undefined): Pod | undefined {
  const own = podAt(round.snapshot, ip)
  if (own) return own
  const endpoint = destination.endpoints.find((candidate) => candidate.ip === ip && (port === undefined || candidate.port === undefined || candidate.port === port))
  const namespace = destination.service?.metadata.namespace
  return round.snapshot.pods.find((pod) => pod.status?.podIP === ip && pod.metadata.name === endpoint?.pod && (namespace === undefined || pod.metadata.namespace === namespace))
}

function trustedAt(round: Round, destination: Destination, ip: string, port: number | undefined): boolean {
  const pod = podBehind(round, destination, ip, port)
  return pod !== undefined && isTrusted(pod, round.view.trustedImages)
}
