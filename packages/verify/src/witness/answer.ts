import { plainLine } from '@hoplab/core'
import type { ConntrackTable, Tracked } from '../probes/conntrack.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Destination } from '../scene/destination.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podAt, podName } from '../scene/pods.ts'
import { isTrusted } from '../scene/trust.ts'
import { ipOf } from './address.ts'

/** One connection with all that is known about who answered it. */
export interface Answer {
  connection: Connection
  /** `ip:port` that was dialled. */
  dialled: string
  /** The client's node's own record of the connection. */
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

/** Decides who answered a connection; a server's own words count only from a Pod of the lab's image. */
export function answerOf(round: Round, destination: Destination, dialled: string, connection: Connection, table: ConntrackTable): Answer {
  const tracked = connection.local === undefined ? undefined : table.entryFor(connection.local, dialled)
  const claimed = connection.server && ipOf(connection.server.local)
  const believable = destination.endpoints.length > 0 && destination.endpoints.every((endpoint) => trustedAt(round, destination, endpoint.ip, endpoint.port))
  const backend = tracked?.reply.src ?? (destination.direct ? ipOf(dialled) : believable ? claimed : undefined)
  const pod = backend === undefined ? undefined : podBehind(round, destination, backend, tracked?.reply.sport)
  const trusted = pod !== undefined && isTrusted(pod, round.view.trustedImages)
  const overwritten = connection.local !== undefined && table.wasReused(connection.local, dialled)
  const doubt = connection.class === 'OK' ? doubtOf({ connection, dialled, tracked, backend, pod, trusted, overwritten }) : undefined
  return { connection, dialled, tracked, backend, pod, trusted, overwritten, doubt }
}

/**
 * What an answer lacks as HTTP; undefined when nothing. 5xx is the server's own word that it failed (RFC 9110 §15.6); below that it did answer:
 * a right server unlike ours may have nothing at "/".
 */
export function httpFault({ status = 0 }: Connection): string | undefined {
  if (status === 0) return 'without HTTP'
  return status >= 500 ? `with HTTP ${status}` : undefined
}

function doubtOf({ connection, tracked, backend, pod, trusted, overwritten }: Omit<Answer, 'doubt'>): string | undefined {
  const fault = httpFault(connection)
  if (fault !== undefined) return connection.status ? fault : 'what answered does not speak HTTP'
  if (backend === undefined) return overwritten ? undefined : 'nothing but the server itself says who answered, and its image is not the lab\'s'
  if (!trusted || !pod) return undefined
  if (!connection.server || connection.server.nonce !== connection.nonce) return `the answer does not carry this request's nonce, so Pod ${podName(pod)} did not write it`
  const claimed = ipOf(connection.server.local)
  return claimed === backend ? undefined : `the server says it is ${plainLine(claimed, 60)}, ${tracked ? 'the kernel' : 'the address dialled'} says ${backend}`
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
