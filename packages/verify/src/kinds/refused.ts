import type { Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { type Destination, destinationOf } from '../scene/destination.ts'
import { type Origin, originsOf, ruledOn } from '../scene/origin.ts'
import { connectMs, exchange } from '../witness/exchange.ts'
import { requireTwin } from '../witness/twin.ts'
import { refusalRule } from '../witness/refusal-rule.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `refused`: every handshake ends with a refusal, while the twin in `control` is answered. For a Service without endpoints also: the origin's node
 * has the rule that refuses. A Service without endpoints refuses at once, a dropped packet leaves the client waiting: the two are different faults.
 *
 * Witnesses: the client's errno and, for a Service without endpoints, the node's rule (REJECT, or the element of `no-endpoint-services`).
 * Control: the twin, and the control Pods' path.
 * Known false pass: taking any error for a refusal (TIMEOUT and UNREACHABLE are red); a dead path, where the twin is dead too. Known false fail: the
 * kernel refuses by ICMP only so often per client (net.ipv4.icmp_ratelimit, 1 s), so one knock waits for its first retransmission (1 s, RFC 6298),
 * and silence of a Service is believed only when it lasts.
 */
export const refused: CheckKind<'refused'> = {
  origins: ({ from, control }) => [from, control.from],
  targets: ({ to, control }) => [to, control.to],
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const twinDestination = await destinationOf(round, spec.control.to)
    const twinOrigins = originsOf(round, spec.control.from)
    const [attempts, paths, rules, twins] = await Promise.all([
      Promise.all(origins.map((origin) => knock(round, origin, destination))),
      Promise.all(origins.map((origin) => controlPaths(round, origin.node, [origin.node, ...destination.endpoints.flatMap(({ node }) => node ?? [])]))),
      rulesOf(round, origins, destination),
      Promise.all(twinOrigins.map((origin) => exchange(round, origin, twinDestination, 1))),
    ])
    const evidence = [...attempts.flat().map(attemptEvidence), ...rules, ...controlEvidence(paths.flat())]
    const dead = paths.flat().find(({ alive }) => !alive)
    if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken, so nothing shows who refuses.`, evidence, `path ${dead.from} → ${dead.to}`)
    for (const twin of twins) requireTwin(twin, 'refused', evidence)
    for (const attempt of attempts.flat()) requireRefusal(attempt, destination, evidence)
    const missing = rules.find(({ observed }) => observed === noRule)
    if (missing) throw new NotMet(`${destination.label} has no endpoint and refuses, but not because of the rule that kube-proxy writes for that: there is none.`, evidence)
    const names = origins.map(({ name }) => name).join(', ')
    return { state: 'green', nodes: [...ruledOn(spec.to, origins, destination), ...ruledOn(spec.control.to, twinOrigins, twinDestination)], evidence, why: `${destination.label} refuses ${names} at once, while ${twinDestination.label} answers.` }
  },
}

interface Attempt { origin: Origin; dialled: string; connection: Connection }
const noRule = 'no such rule'

async function knock(round: Round, origin: Origin, { label, addresses, port }: Destination): Promise<Attempt[]> {
  if (addresses.length === 0) throw new NotMet(`${label} has no address that could refuse.`)
  const results = await Promise.all(addresses.map(async (address) => {
    const dialled = `${address}:${port}`
    const { connections } = await round.batcher.ask(origin.node, { kind: 'tcp', from: origin.from, target: dialled, count: 1, parallel: 1, timeoutMs: connectMs })
    return connections.map((connection) => ({ origin, dialled, connection }))
  }))
  return results.flat()
}

/** Only a Service without endpoints is refused by a rule; a Pod's port without a listener is refused by that Pod's own kernel. */
async function rulesOf(round: Round, origins: readonly Origin[], destination: Destination): Promise<Evidence[]> {
  const [address] = destination.addresses
  if (!destination.service || destination.endpoints.length > 0 || address === undefined) return []
  return Promise.all([...new Set(origins.map(({ node }) => node))].map(async (node) => {
    const { found, command, expected } = await refusalRule(round, node, { ip: address, port: destination.port, protocol: 'TCP' })
    return { witness: 'kube-proxy', observed: found ?? noRule, expected, command }
  }))
}

/**
 * How long a Service's silence must last, in milliseconds: a client that other Services refuse at the same moment has used up the six answers
 * that the kernel gives at once, and gets one a second from then on, for which all that are refused compete (net.ipv4.icmp_ratelimit; measured here:
 * beside eight red checks of another Service, in nftables mode, a whole one was silent for more than 7 s). Longer than those take to end.
 */
const rationedMs = 15_000

function requireRefusal({ origin, connection }: Attempt, { label, service }: Destination, evidence: Evidence[]): void {
  if (connection.class === 'REFUSED') return
  if (connection.class === 'OK' || connection.class === 'RESET') throw new NotMet(`${origin.name} reaches ${label}, which should refuse.`, evidence)
  throw new NotMet(`${label} does not refuse ${origin.name}: ${connection.class === 'TIMEOUT' ? 'nothing comes back in time, as if the packet were dropped' : `it ended as ${connection.class}`}.`,
    evidence, undefined, connection.class === 'TIMEOUT' && service ? rationedMs : undefined)
}

function attemptEvidence({ origin, dialled, connection }: Attempt): Evidence {
  return { witness: 'client', command: origin.at(`curl -s -m 2 http://${dialled}/`), observed: connection.class, expected: 'REFUSED' }
}
