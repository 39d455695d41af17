import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { describeTracked } from '../probes/conntrack.ts'
import { originsOf } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { datagramsTo, type Flow, flowEvidence, flowOf, portsSeen, staleIn } from '../witness/flow.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** kube-proxy writes its rules first and removes records of endpoints that are gone right behind; what is left after this many milliseconds stays. */
const cleanupMs = 2_000
/** Somebody else's flow may have taken over a kernel's record since; what is wrong for good still is after this many milliseconds. */
const recordMs = 300

/**
 * `flow`: each datagram of one held socket to a UDP Service is answered by a Pod that is an endpoint now, and the client's node has no record of a flow
 * to that Service, of whatever client, that leads anywhere else. Endpoints now are the ready ones and those that still serve while they end.
 *
 * Witnesses: the client's socket, the servers' words (each datagram has a nonce of its own), the node's records read right behind the last
 * answer. Control: the control Pods' path to every endpoint's node.
 * Known false pass: a new source port for each packet, which gets a new choice each time (one socket is held, and the servers must have seen one
 * port); a socket made after the Pods were replaced, which never met the dead one (so the records of other clients count). Known false fail: the
 * moment between kube-proxy's rules and its removal of records (a stale record must last).
 */
export const flow: CheckKind<'flow'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const destination = await datagramsTo(round, spec.to)
    const flows = await Promise.all(origins.map((origin) => flowOf(round, origin, destination, { datagrams: spec.datagrams, everyMs: Math.round(spec.every * 1_000) })))
    const evidence = flows.flatMap(flowEvidence)
    for (const one of flows) {
      requirePaths(one, evidence)
      requireFresh(one, evidence)
      requireAnswers(one, evidence)
      requireOneSocket(one, evidence)
    }
    const total = flows.reduce((sum, { answers }) => sum + answers.length, 0)
    const servers = [...new Set(flows.flatMap(({ answers }) => answers.flatMap(({ pod, backend }) => (pod ? podName(pod) : backend ?? []))))]
    return {
      state: 'green', nodes: origins.map(({ node }) => node), evidence,
      why: `${total} of ${total} datagrams, from one socket each of ${origins.map(({ name }) => name).join(', ')}, to ${destination.label} were answered by ${plainLine(servers.join(', '), 300)}, and no record on ${[...new Set(origins.map(({ node }) => node))].join(', ')} leads anywhere but to its endpoints.`,
    }
  },
}

function requirePaths({ paths }: Flow, evidence: Evidence[]): void {
  const dead = paths.find(({ alive }) => !alive)
  if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken: not even the control Pods reach each other there (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
}

function requireFresh(one: Flow, evidence: Evidence[]): void {
  const [stale, ...others] = staleIn(one)
  if (!stale) return
  const { origin, destination } = one
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  const where = stale.reply.src === stale.original.dst ? 'to nobody: no rule has sent it on' : `to ${stale.reply.src}:${stale.reply.sport}, which is no endpoint now`
  throw new NotMet(`The kernel of ${origin.node} remembers a flow of ${stale.original.src}:${stale.original.sport} to ${destination.label} that leads ${where} (${describeTracked(stale)})${more}.`, evidence, `conntrack on ${origin.node}`, cleanupMs)
}

function requireAnswers({ origin, destination, connection, answers }: Flow, evidence: Evidence[]): void {
  const failed = answers.filter((answer) => answer.connection.class !== 'OK')
  const ends = [...new Set(failed.map((answer) => answer.connection.class))].join(', ') || connection.class
  const cause = destination.endpoints.length === 0 ? ': the Service has no endpoint' : ''
  if (failed.length > 0 || answers.length === 0) throw new NotMet(`${failed.length} of ${answers.length} datagrams from ${origin.name} to ${destination.label} were not answered (${ends})${cause}.`, evidence, destination.endpoints.length === 0 ? destination.label : undefined)
  const doubted = answers.find(({ doubt }) => doubt !== undefined)
  if (doubted) throw new NotMet(`${destination.label} answered ${origin.name}, but ${doubted.doubt}.`, evidence, undefined, recordMs)
  const stranger = answers.find(({ backend }) => !destination.endpoints.some(({ ip }) => ip === backend))
  if (stranger) throw new NotMet(`${origin.name} was answered by ${plainLine(stranger.backend ?? 'somebody unknown', 60)}, which is no endpoint of ${destination.label} now.`, evidence, undefined, recordMs)
}

function requireOneSocket(one: Flow, evidence: Evidence[]): void {
  const ports = portsSeen(one)
  if (ports.length > 1) throw new NotMet(`The servers of ${one.destination.label} saw ${ports.length} source ports (${ports.slice(0, 5).join(', ')}) for one socket of ${one.origin.name}: to them it was not one flow.`, evidence, undefined, recordMs)
}
