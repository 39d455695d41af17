import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { describeTracked } from '../probes/conntrack.ts'
import type { Origin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { conntrackCommand } from './explain.ts'
import type { SourceSeen } from './source.ts'

/** Throws `NotMet` unless the witnesses of one connection agree that it arrived from one of `expected`. */
export function requireSource(seen: SourceSeen, origin: Origin, expected: readonly string[]): void {
  const { byServer, byKernel } = seen
  const evidence = sourceEvidence([seen], origin, expected)
  if (!byServer && !byKernel) throw new NotMet(`Nobody who can be believed saw from where ${origin.name} asked: the server's image is not the lab's and no kernel keeps a record.`, evidence)
  if (byServer && byKernel && byServer !== byKernel.address) {
    throw new NotMet(`The witnesses disagree: the server was asked from ${plainLine(byServer, 60)}, the kernel of ${byKernel.node} says ${byKernel.address}.`, evidence, undefined, 300)
  }
  const address = byServer ?? byKernel?.address ?? ''
  if (!expected.includes(address)) {
    throw new NotMet(`Requests of ${origin.name} arrive from ${plainLine(address, 60)}${byKernel && byServer ? ' (server and kernel agree)' : ''}, not from ${expected.join(' or ')}.`, evidence)
  }
}

/** What the witnesses of connections saw, one of each backend. */
export function sourceEvidence(seen: readonly SourceSeen[], origin: Origin, expected: readonly string[]): Evidence[] {
  const perBackend = new Map(seen.map((one) => [one.answer.backend, one]))
  return [...perBackend.values()].flatMap(({ answer, byServer, byKernel }) => [
    { witness: 'server', observed: byServer === undefined ? `${answer.backend ?? '?'} is not of the lab's image: its words do not count` : plainLine(`${answer.pod ? podName(answer.pod) : answer.backend} was asked from ${byServer}`, 200), expected: expected.join(' or '), command: origin.at(`curl -s http://${answer.dialled}/`) },
    byKernel === undefined
      ? { witness: 'conntrack', observed: `nothing tracks connections to ${answer.backend ?? '?'} here: the server's word stands alone`, expected: expected.join(' or ') }
      : { witness: 'conntrack', observed: `on ${byKernel.node}: ${describeTracked(byKernel.entry)}`, expected: `replies to ${expected.join(' or ')}`, command: conntrackCommand(byKernel.node, byKernel.entry.original.src) },
  ])
}
