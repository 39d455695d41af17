import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { describeTracked, type Tracked } from '../probes/conntrack.ts'
import { type ControlPath, controlEvidence, controlPaths } from '../probes/control.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { type Destination, destinationOf } from '../scene/destination.ts'
import type { Origin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { livingEndpoints } from '../scene/services.ts'
import { type Answer, answersOf } from './answer.ts'

/** Wait for each answer, in milliseconds: a datagram is never sent again. */
const answerMs = 1_000

/** What came of one socket's questions. */
export interface Flow {
  origin: Origin
  destination: Destination
  /** The socket itself. */
  connection: Connection
  /** One for each datagram; empty when there was no way to send any. */
  answers: Answer[]
  /** The node's records of flows to the Service, this one's too. */
  records: Tracked[]
  paths: ControlPath[]
}

/** A UDP port of a Service with the Pods behind it that are alive. Throws `NotMet` when there is none. */
export async function datagramsTo(round: Round, to: { service: string; namespace?: string | undefined; port: number }): Promise<Destination> {
  const found = await destinationOf(round, { ...to, via: 'cluster-ip' })
  const ports = found.service?.spec?.ports ?? []
  if (!found.service || !ports.some(({ port, protocol }) => port === to.port && protocol === 'UDP')) {
    throw new NotMet(`${found.label} is no UDP port.`, [{ witness: 'api', command: `hoplab kubectl -n ${found.service?.metadata.namespace} get services`, observed: plainLine(ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(', ') || 'no port', 200), expected: `${to.port}/UDP` }], found.label)
  }
  return { ...found, protocol: 'udp', endpoints: livingEndpoints(round.snapshot, found.service, to.port, 'UDP') }
}

/** Holds one socket for `datagrams` questions and reads the node's records right behind the last, with the control of every node that may answer. */
export async function flowOf(round: Round, origin: Origin, destination: Destination, { datagrams, everyMs }: { datagrams: number; everyMs: number }): Promise<Flow> {
  const [address = ''] = destination.addresses
  const dialled = `${address}:${destination.port}`
  const [result, paths] = await Promise.all([
    round.batcher.ask(origin.node, { kind: 'udp', from: origin.from, target: dialled, count: 1, parallel: 1, timeoutMs: answerMs, datagrams, everyMs }),
    controlPaths(round, origin.node, [origin.node, ...destination.endpoints.flatMap(({ node }) => node ?? [])]),
  ])
  const [connection = { class: 'ERROR', nonce: '' }] = result.connections
  const { local } = connection
  // Each datagram is an attempt of its own from the same end.
  const attempts = (connection.flow ?? []).map(({ class: end, nonce, server }) => ({ dialled, table: result.table, connection: { class: end, nonce, ...(server ? { server } : {}), ...(local === undefined ? {} : { local }) } }))
  const records = result.table.entries.filter(({ protocol, original }) => protocol === 'udp' && original.dst === address && original.dport === destination.port)
  return { origin, destination, connection, answers: answersOf(round, destination, attempts), records, paths }
}

/** Records of the Service's flows that lead to an address and port which is no endpoint now. */
export const staleIn = ({ records, destination: { endpoints } }: Flow): Tracked[] =>
  records.filter(({ reply }) => !endpoints.some(({ ip, port }) => ip === reply.src && port === reply.sport))

/** Source ports that the servers saw, where their words count: one, when the socket was held and nothing on the way changed it. */
export const portsSeen = ({ answers }: Flow): string[] =>
  [...new Set(answers.flatMap(({ connection, trusted }) => (trusted && connection.server ? connection.server.remote.slice(connection.server.remote.lastIndexOf(':') + 1) : [])))].map((port) => plainLine(port, 20))

/** What every witness of a flow saw. */
export function flowEvidence(flow: Flow): Evidence[] {
  const { origin, destination, connection, answers, records, paths } = flow
  const [address = ''] = destination.addresses
  const endpoints = plainLine(destination.endpoints.map(({ ip, port }) => `${ip}:${port ?? '?'}`).join(', ') || 'nobody: there is no endpoint', 300)
  const answered = answers.filter((answer) => answer.connection.class === 'OK')
  const servers = [...new Set(answered.map(({ pod, backend }) => (pod ? podName(pod) : backend ?? 'somebody unknown')))]
  const stale = staleIn(flow)
  return [
    { witness: 'client', command: origin.at(`sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done | nc -u -w 2 ${address} ${destination.port}'`), observed: `${answered.length} of ${answers.length} datagrams from ${connection.local ?? 'no socket'} answered${answered.length < answers.length || answers.length === 0 ? ` (${connection.class})` : ''}`, expected: 'all, from one socket' },
    ...(servers.length === 0 ? [] : [{ witness: 'server', observed: plainLine(`answered by ${servers.join(', ')}, asked from port ${portsSeen(flow).join(', ') || 'unknown'}`, 300), expected: `${destination.label}, asked from one port` }]),
    { witness: 'conntrack', command: `hoplab shell toolbox/${origin.node}, then: conntrack -L -p udp -d ${address}`, observed: plainLine(stale.length > 0 ? stale.map(describeTracked).join('; ') : `${records.length} records of ${destination.label}, all to its endpoints`, 600), expected: `only to ${endpoints}` },
    ...controlEvidence(paths),
  ]
}
