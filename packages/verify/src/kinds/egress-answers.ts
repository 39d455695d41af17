import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { describeTracked, type Tracked } from '../probes/conntrack.ts'
import type { Round } from '../round.ts'
import { positionOf } from '../scene/node-place.ts'
import type { Origin } from '../scene/origin.ts'
import type { Exchange } from '../witness/exchange.ts'
import { conntrackCommand, exchangeEvidence } from '../witness/explain.ts'
import { type Attempt, type Attempts, unansweredAttempts } from '../witness/unanswered-attempts.ts'
import { NotMet } from './look.ts'

/** One origin's requests, the addresses of its node, and what that node had kept unanswered before they were sent. */
export interface Asked { done: Exchange; own: readonly string[]; before: Attempts; host: string }

/**
 * Throws `NotMet` unless every request was answered: with the address that one left the node with, where the gateway knows no such address. A red is not
 * believed yet where a request left no record of its own beside others that were answered, and as many earlier ones left theirs, with an address
 * of that sort: it may have come from one of their ports.
 */
export async function requireAnswers(round: Round, asked: Asked): Promise<void> {
  const { done: { origin, answers }, own, before, host } = asked
  const failed = answers.filter(({ connection }) => connection.class !== 'OK')
  if (failed.length === 0 && answers.length > 0) return
  const kept = [...await unansweredAttempts(round, origin.node, host)].filter(([, { original }]) => original.src === origin.pod?.status?.podIP)
  const begun = kept.flatMap(([from, attempt]) => (before.has(from) ? [] : [attempt]))
  const earlier = kept.flatMap(([from, attempt]) => (before.has(from) && !own.includes(attempt.reply.dst) ? [attempt] : []))
  if (begun.length > 0 || failed.length > earlier.length || failed.length === answers.length) throw unanswered(round, asked, begun.at(-1))
  throw maybeRepeated(round, asked, failed.length, earlier)
}

/** What keeps a request from being answered: the address that it left the node with, where the gateway knows no such address. */
function unanswered(round: Round, { done, own }: Asked, record: Tracked | undefined): NotMet {
  const { origin, destination, answers } = done
  const left = record?.reply.dst
  const ended = answers.find(({ connection }) => connection.class !== 'OK')?.connection.class ?? 'no connection'
  if (left === undefined || own.includes(left)) return new NotMet(`${origin.name} gets no answer from ${destination.label}: ${ended}.`, exchangeEvidence(done))
  const position = positionOf(round.view, origin.node)
  return new NotMet(`${origin.name} gets no answer from ${destination.label} (${ended}): its packets leave ${position} with ${plainLine(left, 60)}, which no gateway knows, instead of an address of the node.`,
    [nodeEvidence(record, origin, own), ...exchangeEvidence(done)], `masquerade on ${position}`)
}

/** Not believed for as long as an earlier record is kept. */
function maybeRepeated(round: Round, { done }: Asked, failed: number, earlier: readonly Attempt[]): NotMet {
  const { origin, destination, answers } = done
  const secondsLeft = Math.max(...earlier.map((attempt) => attempt.secondsLeft))
  const evidence = earlier.map((attempt): Evidence => ({
    witness: 'conntrack', observed: `on ${origin.node}: ${describeTracked(attempt)}, of an earlier request that nobody answered, kept for ${attempt.secondsLeft} s more`,
    expected: 'a request from the same port is sent as that one was', command: conntrackCommand(origin.node, attempt.original.src),
  }))
  return new NotMet(`${origin.name} gets no answer from ${destination.label} to ${failed} of ${answers.length} requests. They may come from ports of earlier ones: what nobody answered, ${positionOf(round.view, origin.node)} sends on as before, for ${secondsLeft} s more.`,
    [...evidence.slice(0, 4), ...exchangeEvidence(done)], undefined, (secondsLeft + 1) * 1_000)
}

/** What the origin's node made of the source of one request. */
export function nodeEvidence(tracked: Tracked | undefined, origin: Origin, own: readonly string[]): Evidence {
  const expected = `replies to ${own.join(' or ')}`
  return tracked
    ? { witness: 'conntrack', observed: `on ${origin.node}: ${describeTracked(tracked)}`, expected, command: conntrackCommand(origin.node, tracked.original.src) }
    : { witness: 'conntrack', observed: `${origin.node} keeps no record of it`, expected }
}
