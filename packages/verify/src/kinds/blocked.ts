import type { Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import { type Destination, destinationOf } from '../scene/destination.ts'
import { type Origin, originsOf, ruledOn } from '../scene/origin.ts'
import { exchange } from '../witness/exchange.ts'
import { requireTwin } from '../witness/twin.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Waits of one knock, in milliseconds: just past the first SYN retransmission at 1 s (RFC 6298). */
const knockMs = 1_200

interface Attempt { origin: Origin; dialled: string; connection: Connection }

/**
 * `blocked`: no handshake succeeds, while the twin in `control` is answered in the same batch. A refusal counts as blocked only where somebody is
 * known to listen (the control reached the same place) or nobody may (`nobody` targets): a port without a listener refuses too.
 */
export const blocked: CheckKind<'blocked'> = {
  minHold: 1,
  mustStay: true,
  origins: ({ from, control }) => [from, control.from],
  targets: ({ to, control }) => [to, control.to],
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await destinationOf(round, spec.to)
    const twinDestination = await destinationOf(round, spec.control.to)
    const twinOrigins = originsOf(round, spec.control.from)
    const [attempts, paths, ...twins] = await Promise.all([
      Promise.all(origins.map((origin) => knock(round, origin, destination))),
      Promise.all(origins.map((origin) => controlPaths(round, origin.node, [origin.node, ...destination.endpoints.flatMap(({ node }) => node ?? [])]))),
      ...twinOrigins.map((origin) => exchange(round, origin, twinDestination, 1)),
    ])
    const evidence = [...attempts.flat().map(attemptEvidence), ...controlEvidence(paths.flat())]
    const dead = paths.flat().find(({ alive }) => !alive)
    if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken, so nothing shows that something is blocked on it.`, evidence, `path ${dead.from} → ${dead.to}`)
    for (const twin of twins) requireTwin(twin, 'blocked', evidence)
    const sharesTarget = 'nobody' in spec.to || destination.label === twinDestination.label
    for (const attempt of attempts.flat()) requireSilence(attempt, destination, sharesTarget, evidence)
    const twin: Evidence = { witness: 'control', observed: `${twinOrigins.map(({ name }) => name).join(', ')} reached ${twinDestination.label}`, expected: 'the twin is answered at the same time' }
    return {
      state: 'green', nodes: [...ruledOn(spec.to, origins, destination), ...ruledOn(spec.control.to, twinOrigins, twinDestination)], evidence: [...evidence, twin],
      why: `Nothing answers ${origins.map(({ name }) => name).join(', ')} at ${destination.label}, while ${twinOrigins.map(({ name }) => name).join(', ')} reaches ${twinDestination.label}.`,
    }
  },
}

async function knock(round: Round, origin: Origin, destination: Destination): Promise<Attempt[]> {
  const results = await Promise.all(destination.addresses.map(async (address) => {
    const dialled = `${address}:${destination.port}`
    const result = await round.batcher.ask(origin.node, { kind: 'tcp', from: origin.from, target: dialled, count: 1, parallel: 1, timeoutMs: knockMs }, { silenceIsRight: true })
    return result.connections.map((connection) => ({ origin, dialled, connection }))
  }))
  if (results.length === 0) throw new NotMet(`${destination.label} has no address that could be blocked.`)
  return results.flat()
}

function requireSilence({ origin, dialled, connection }: Attempt, destination: Destination, sharesTarget: boolean, evidence: Evidence[]): void {
  // RESET comes after a handshake: somebody was reached.
  if (connection.class === 'OK' || connection.class === 'RESET') throw new NotMet(`${origin.name} reaches ${destination.label} at ${dialled}, which should be blocked.`, evidence, undefined, undefined, { happened: true })
  if (connection.class === 'REFUSED' && !sharesTarget) throw new NotMet(`${destination.label} refuses ${origin.name}, and nothing shows that anybody listens there: a refusal is not a block.`, evidence)
}

function attemptEvidence({ origin, dialled, connection }: Attempt): Evidence {
  return { witness: 'client', command: origin.at(`curl -s -m 2 http://${dialled}/`), observed: connection.class, expected: 'TIMEOUT, UNREACHABLE or REFUSED' }
}
