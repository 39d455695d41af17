import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import { type Destination, destinationOf } from '../scene/destination.ts'
import { type Origin, originsOf } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { repeatsToTrust } from '../statistics/affinity.ts'
import { falseAlarm } from '../statistics/evenness.ts'
import { connectMs, type Exchange, exchange } from '../witness/exchange.ts'
import { exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import { remembering } from '../witness/remembering-rules.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `affinity`: m fresh connections in a row from one client are answered by the same backend, while at least two backends answer when asked
 * directly. m is chosen so that a Service without affinity passes once in a million looks: k^-(m−1) ≤ 1e-6 for k backends.
 *
 * Witnesses: the kernel's record of each connection (who answered), the server's own word, that every backend answers directly, and, for a ClusterIP,
 * the rules of the client's node, which remember clients and lead to two backends or more. Control: the control Pods' path to every backend's node.
 * Known false pass: one backend, or others that are dead (each is asked directly) or not for this node (the rules say so); an m too small for k. Known false fail: connections opened at the
 * same moment, before the first is remembered (they are opened one by one); another client's pinned backend (each client is judged for itself).
 */
export const affinity: CheckKind<'affinity'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const backends = destination.endpoints.length
    if (backends < 2) throw new NotMet(`${destination.label} has ${backends === 0 ? 'no backend' : 'one backend'}: only with two or more shows it whom it remembers.`, [apiEvidence(destination)])
    const repeats = repeatsToTrust(backends, falseAlarm)
    const looks = await Promise.all(origins.map(async (origin) => {
      const [done, alive, rules] = await Promise.all([exchange(round, origin, destination, repeats, 1), directly(round, origin, destination), remembering(round, origin.node, destination)])
      return { done, alive, rules }
    }))
    const evidence = looks.flatMap(({ done, alive, rules }) => [repeatEvidence(done, backends), alive, ...(rules ? [rules.evidence] : []), ...exchangeEvidence(done)])
    for (const { done, alive, rules } of looks) {
      requireAnswered(done)
      if (alive.observed !== allAnswer(destination)) throw new NotMet(`Not all of the ${backends} backends of ${destination.label} answer when asked directly, so one that always answers shows nothing.`, evidence)
      requireOne(done, evidence)
      if (rules?.fault !== undefined) throw new NotMet(rules.fault, evidence)
    }
    return { state: 'green', nodes: origins.map(({ node }) => node), evidence, why: `${repeats} connections in a row from ${origins.map(({ name }) => name).join(', ')} to ${destination.label} were answered by the same one of ${backends} backends.` }
  },
}

const allAnswer = ({ endpoints }: Destination): string => `${endpoints.length} of ${endpoints.length} answer`

async function directly(round: Round, origin: Origin, { endpoints, port }: Destination): Promise<Evidence> {
  const results = await Promise.all(endpoints.map((endpoint) =>
    round.batcher.ask(origin.node, { kind: 'http', from: origin.from, target: `${endpoint.ip}:${endpoint.port ?? port}`, count: 1, parallel: 1, timeoutMs: connectMs })))
  const alive = results.filter((result) => result.class === 'OK').length
  const command = origin.at(`curl -s -m 2 http://${endpoints.map(({ ip, port: number }) => `${ip}:${number ?? port}`).join('/ http://')}/`)
  return { witness: 'client', observed: `${alive} of ${endpoints.length} answer`, expected: `each of ${plainLine(endpoints.map(({ ip }) => ip).join(', '), 200)}, asked directly`, command }
}

const answering = ({ answers }: Exchange): (string | undefined)[] => answers.map(({ backend }) => backend)

function requireOne(done: Exchange, evidence: Evidence[]): void {
  const known = answering(done).filter((backend) => backend !== undefined)
  const { origin, destination, answers } = done
  if (known.length < answers.length) throw new NotMet(`Of ${answers.length} connections from ${origin.name} only ${known.length} tell for certain who answered.`, evidence, undefined, 300)
  const different = new Set(known).size
  if (different > 1) throw new NotMet(`${answers.length} connections in a row from ${origin.name} to ${destination.label} were answered by ${different} different backends.`, evidence)
}

function repeatEvidence(done: Exchange, backends: number): Evidence {
  const servers = new Map(done.answers.map(({ pod, backend }) => [backend, pod ? podName(pod) : backend ?? 'unknown']))
  const chance = backends ** (1 - done.answers.length)
  return {
    witness: done.answers.some(({ tracked }) => tracked) ? 'conntrack' : 'server',
    observed: plainLine(`${done.answers.length} connections in a row answered by ${[...servers.values()].join(', ') || 'nobody'}`, 300),
    expected: `one backend; without affinity ${backends} backends would do so with probability ${chance.toExponential(1)}`,
  }
}

function apiEvidence({ label, endpoints }: Destination): Evidence {
  return { witness: 'api', observed: endpoints.map(({ ip }) => ip).join(', ') || 'no endpoint', expected: `two or more endpoints of ${label}` }
}
