import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { describeTracked } from '../probes/conntrack.ts'
import { destinationOf } from '../scene/destination.ts'
import { type Origin, originsOf } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { type Exchange, exchange } from '../witness/exchange.ts'
import { conntrackCommand, exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import { sourcesSeen, type SourceSeen } from '../witness/source.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** Connections that must all come back. */
const connections = 5

/**
 * `hairpin`: a Pod that is the only backend of a Service reaches itself through it. The packet leaves the Pod, is turned on the node and comes
 * back; the node translates its source on the way, because a Pod would drop a packet that carries its own address.
 *
 * Witnesses: the server's word on who asked, and the kernel's record of both translations. Control: the control Pods of the node.
 * Known false pass: a second backend, which answers instead (refused: it must be the only one). Known false fail: demanding the client's own
 * address; the translated one is right and told as evidence.
 */
export const hairpin: CheckKind<'hairpin'> = {
  origins: ({ pod }) => [{ pod }],
  async look(spec, round) {
    const origins = originsOf(round, { pod: spec.pod })
    const [origin, ...others] = origins
    if (!origin || others.length > 0) throw new NotMet(`A hairpin is about one Pod, and there are ${origins.length}: ${origins.map(({ name }) => name).join(', ')}.`)
    const destination = await destinationOf(round, spec.to)
    requireSole(origin, destination)
    const done = await exchange(round, origin, destination, connections)
    const seen = await sourcesSeen(round, done)
    const evidence = [...translationEvidence(seen, origin), ...exchangeEvidence(done)]
    requireAnswered(done)
    const stranger = done.answers.find(({ pod }) => pod?.metadata.uid !== origin.pod?.metadata.uid)
    if (stranger) throw new NotMet(`${origin.name} asked ${destination.label} and was answered by ${stranger.pod ? `Pod ${podName(stranger.pod)}` : plainLine(stranger.backend ?? 'somebody unknown', 60)}, not by itself.`, evidence, undefined, stranger.overwritten ? 300 : undefined)
    return { state: 'green', nodes: [origin.node], evidence, why: `${origin.name} reached itself through ${destination.label} in ${done.answers.length} of ${done.answers.length} connections.` }
  },
}

function requireSole(origin: Origin, { label, endpoints }: Exchange['destination']): void {
  const own = origin.pod?.status?.podIP
  const evidence: Evidence[] = [{ witness: 'api', observed: endpoints.map(({ ip, port }) => `${ip}:${port ?? '?'}`).join(', ') || 'no endpoint', expected: `only ${own ?? 'the Pod'}`, command: 'hoplab kubectl get endpointslices -A' }]
  if (endpoints.some(({ ip }) => ip !== own)) throw new NotMet(`${label} has ${endpoints.length === 1 ? 'another backend' : `${endpoints.length} backends`}: an answer would not show that ${origin.name} reached itself.`, evidence)
  if (endpoints.length === 0) throw new NotMet(`${label} has no backend.`, evidence, label)
}

function translationEvidence(seen: readonly SourceSeen[], origin: Origin): Evidence[] {
  const [one] = seen
  if (!one) return []
  const { byServer, byKernel } = one
  const expected = `any address but ${origin.pod?.status?.podIP ?? "the Pod's own"}: a hairpin is translated`
  return [
    ...(byServer === undefined ? [] : [{ witness: 'server', observed: plainLine(`asked from ${byServer}`, 100), expected }]),
    ...(byKernel === undefined ? [] : [{ witness: 'conntrack', observed: `on ${byKernel.node}: ${describeTracked(byKernel.entry)}`, expected, command: conntrackCommand(byKernel.node, byKernel.entry.original.src) }]),
  ]
}
