import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { describeTracked } from '../probes/conntrack.ts'
import type { Round } from '../round.ts'
import { podName } from '../scene/pods.ts'
import { type Answer, answersOf } from './answer.ts'
import { deciding, type Exchange } from './exchange.ts'
import { conntrackCommand } from './explain.ts'

/** Wait for one connection, in milliseconds: a fixed part for a busy machine, and half a second per mebibyte. */
const patienceMs = (bytes: number): number => 4_000 + Math.ceil(bytes / 2 ** 20) * 500

/** Connections that carry bodies at the same time. */
const parallel = 4

/** Sends bodies of `bytes` to every address that the small requests of `small` were answered at, and asks for as many back. */
export async function transfersBeside(round: Round, small: Exchange, { bytes, count }: { bytes: number; count: number }): Promise<Answer[]> {
  const { origin, destination } = small
  const dialled = [...new Set(small.answers.map((answer) => answer.dialled))]
  const results = await Promise.all(dialled.map((target) => round.batcher.ask(origin.node, {
    kind: 'http', from: origin.from, target, count, parallel, timeoutMs: patienceMs(bytes), bodyBytes: bytes, answerBytes: bytes,
  })))
  const records = await deciding(round, origin, destination)
  return answersOf(round, destination, results.flatMap(({ connections, table }, index) => connections.map((connection) => ({ dialled: dialled[index] ?? '', connection, table: records(table) }))))
}

/** Throws `NotMet` unless these bytes arrived at a server that can be believed, and came back. */
export function requireWhole({ origin, destination }: Exchange, answer: Answer, bytes: number, evidence: Evidence[]): void {
  const { connection, doubt, pod, trusted, overwritten } = answer
  const way = `between ${origin.name} and ${destination.label}`
  if (connection.class !== 'OK') throw new NotMet(`Small requests ${way} are answered, and one with ${bytes} bytes each way ${stuck(answer)} (${connection.class}): large packets are lost, as where a device on the way has a smaller MTU than the ends.`, evidence)
  if (doubt !== undefined) throw new NotMet(`${destination.label} answered ${origin.name}, but ${doubt}.`, evidence, undefined, recordMs)
  if (!pod || !trusted || !connection.server) throw new NotMet(`Nothing but the server itself says what arrived there ${way}${pod ? `, and Pod ${podName(pod)} does not run the lab's server` : ''}.`, evidence, undefined, overwritten ? recordMs : undefined)
  const fault = faultOf(answer, bytes)
  if (fault !== undefined) throw new NotMet(`Not all went through ${way} unchanged: ${fault}.`, evidence)
}

/** Somebody else's connection may have taken over a kernel's record since; what is wrong for good still is after this many milliseconds. */
const recordMs = 300

const stuck = ({ connection: { transfer } }: Answer): string => (transfer === undefined ? 'is not' : `stays at ${transfer.sent} bytes sent and ${transfer.received} received`)

/** The server's words are held against what the client counted itself, and the answer against what this request's nonce stands for. */
function faultOf({ connection: { transfer, server } }: Answer, bytes: number): string | undefined {
  if (!transfer) return 'the client did not count what it sent'
  if (transfer.sent !== bytes) return `the client sent ${transfer.sent} of ${bytes} bytes`
  if (server?.bytes !== bytes) return `${server?.bytes ?? 0} of ${bytes} bytes arrived at the server`
  if (server.sha256 !== transfer.sentSha256) return 'the bytes that arrived at the server are not those that were sent'
  if (transfer.received !== bytes) return `${transfer.received} of ${bytes} bytes came back`
  if (transfer.announcedSha256 !== transfer.expectedSha256) return 'the server sent other bytes than it was asked for'
  return transfer.receivedSha256 === transfer.expectedSha256 ? undefined : 'the bytes that came back are not those that the server sent'
}

/** What client, server and kernel say of the bodies: one line each for the first connection that differs, else for the first. */
export function transferEvidence({ origin, destination }: Exchange, answers: readonly Answer[], bytes: number): Evidence[] {
  const one = answers.find((answer) => answer.connection.class !== 'OK' || faultOf(answer, bytes) !== undefined) ?? answers[0]
  if (!one) return []
  const { connection: { class: end, transfer, server }, dialled, pod, tracked } = one
  const evidence: Evidence[] = [{
    witness: 'client', command: origin.at(`sh -c 'head -c ${bytes} /dev/urandom | curl -s -m 10 --data-binary @- http://${dialled}/?bytes=${bytes} | sha256sum'`),
    observed: plainLine(`${end}: ${transfer?.sent ?? 0} bytes sent, ${transfer?.received ?? 0} received, SHA-256 ${short(transfer?.receivedSha256)}`, 200), expected: `OK: ${bytes} both ways, SHA-256 ${short(transfer?.expectedSha256)}`,
  }]
  if (server) evidence.push({ witness: 'server', observed: plainLine(`${pod ? podName(pod) : 'somebody'}: ${server.bytes} bytes arrived, SHA-256 ${short(server.sha256)}`, 200), expected: `${bytes} bytes, SHA-256 ${short(transfer?.sentSha256)}` })
  if (tracked) evidence.push({ witness: 'conntrack', command: conntrackCommand(destination.entry ?? origin.node, tracked.original.src), observed: describeTracked(tracked), expected: `an entry from ${tracked.original.src} to ${destination.label}` })
  return evidence
}

const short = (hash: string | undefined): string => (hash ? `${hash.slice(0, 12)}…` : 'of nothing')
