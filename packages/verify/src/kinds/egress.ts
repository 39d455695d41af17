import { plainLine } from '@hoplab/core'
import { type Evidence, outsideMachines } from '@hoplab/model'
import { describeTracked, type Tracked } from '../probes/conntrack.ts'
import { internetPort, requireInternet } from '../probes/internet-control.ts'
import type { Round } from '../round.ts'
import { destinationOf } from '../scene/destination.ts'
import { nodesOf, type Origin, originsOf, outsideFactsOf } from '../scene/origin.ts'
import { ipOf } from '../witness/address.ts'
import type { Answer } from '../witness/answer.ts'
import { type Exchange, exchange } from '../witness/exchange.ts'
import { exchangeEvidence } from '../witness/explain.ts'
import { ownAddresses } from '../witness/node-addresses.ts'
import { type Attempts, unansweredAttempts } from '../witness/unanswered-attempts.ts'
import { nodeEvidence, requireAnswers } from './egress-answers.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Connections per origin. */
const connections = 4

/**
 * `egress`: every request to the host on the internet is answered; on the way to the gateway it carries an address of the origin's node, beyond it the
 * gateway's.
 *
 * Witnesses: the host, which says who asked it; the gateway's kernel, whose record joins both addresses; the origin's node, whose record says what it
 * made of the source. Host and gateway are ours and out of the lab's reach. Control: the gateway asks the host, and the control Pod of the origin's node
 * itself. Known false pass: none; an origin that borrows its node's network has no other address, and is red for that. Known false fail: none; where some
 * requests of a look are answered and others may repeat earlier ones, only looks that come later decide.
 */
export const egress: CheckKind<'egress'> = {
  targets: () => [{ outside: 'internet', port: internetPort }],
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, { outside: 'internet', port: internetPort })
    const { gateway, host } = outsideFactsOf(round)
    const attempts = new Map(await Promise.all(nodesOf(origins).map(async (node) => [node, await unansweredAttempts(round, node, host)] as const)))
    const [control, done] = await Promise.all([requireInternet(round), Promise.all(origins.map((origin) => exchange(round, origin, destination, connections)))])
    const evidence: Evidence[] = []
    for (const each of done) evidence.push(...await judged(round, each, attempts.get(each.origin.node) ?? new Map()))
    return {
      state: 'green', nodes: [], evidence: [...evidence, ...done.flatMap(exchangeEvidence).filter(({ witness }) => witness !== 'server'), ...control],
      why: `Requests of ${origins.map(({ name }) => name).join(', ')} leave with an address of their node as far as the gateway, and with the gateway's ${gateway.outer} from there on.`,
    }
  },
}

async function judged(round: Round, done: Exchange, before: Attempts): Promise<Evidence[]> {
  const { origin } = done
  if (origin.pod?.spec?.hostNetwork) throw new NotMet(`${origin.name} uses its node's network (hostNetwork), so it has no address that could be replaced.`, exchangeEvidence(done))
  const own = await ownAddresses(round, origin.node)
  await requireAnswers(round, { done, own, before, host: outsideFactsOf(round).host })
  const table = await round.batcher.conntrack(outsideMachines.gateway)
  return done.answers.flatMap((answer) => twoAddresses(round, { origin, answer, own, records: table.entries }))
}

interface OneAnswer { origin: Origin; answer: Answer; own: readonly string[]; records: readonly Tracked[] }

/** Throws `NotMet` unless all who saw one connection agree on its two addresses. */
function twoAddresses(round: Round, { origin, answer, own, records }: OneAnswer): Evidence[] {
  const { gateway, host } = outsideFactsOf(round)
  const { connection, tracked } = answer
  const remote = connection.server?.remote ?? ''
  const atGateway = records.find(({ original, reply }) => original.dst === host && `${reply.dst}:${reply.dport}` === remote)
  const evidence: Evidence[] = [
    nodeEvidence(tracked, origin, own),
    { witness: 'gateway', observed: atGateway ? describeTracked(atGateway) : `no record of ${plainLine(remote, 60)}`, expected: `from an address of ${origin.node}, replies to ${gateway.outer}` },
    { witness: 'internet', observed: plainLine(`was asked from ${remote}`, 100), expected: `from ${gateway.outer}`, command: origin.at(`curl -s http://${answer.dialled}/`) },
  ]
  if (connection.server?.nonce !== connection.nonce) throw new NotMet(`What answered ${origin.name} is not the host on the internet: it does not give this request's nonce back.`, evidence)
  if (ipOf(remote) !== gateway.outer) throw new NotMet(`The host on the internet was asked from ${plainLine(remote, 60)}, not from the gateway's ${gateway.outer}.`, evidence)
  if (!atGateway) throw new NotMet('The gateway keeps no record of a request that it carried.', evidence, undefined, 300)
  if (!own.includes(atGateway.original.src)) throw new NotMet(`A request of ${origin.name} came to the gateway from ${atGateway.original.src}, which is no address of its node.`, evidence)
  if (tracked && tracked.reply.dst !== atGateway.original.src) throw new NotMet(`The witnesses disagree: ${origin.node} says that it left with ${tracked.reply.dst}, the gateway that it came from ${atGateway.original.src}.`, evidence, undefined, 300)
  return evidence
}
