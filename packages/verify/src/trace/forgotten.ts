import type { Ends } from './capture/packet.ts'
import { hostOf } from './capture/ends.ts'
import { type Flow, firstSegments, flowFrom } from './flow.ts'
import type { Capture } from './node/captured.ts'

/**
 * Connections of a node itself to one of `endpoints` (`ip:port`) that were refused, as they left the node, in their order. The kernel removes its record
 * of a connection whose first answer is a reset, and masquerading gave it another port, so nothing else tells which of them belongs to a request:
 * empty unless there are exactly `wanted`, the number of refused requests that have no record.
 */
export function forgottenRefusals(captures: readonly Capture[], start: Capture, { endpoints, wanted }: { endpoints: readonly string[]; wanted: number }): Ends[] {
  const own = new Set([...start.links.values()].flatMap(({ addresses }) => addresses))
  const opened = firstSegments(start).filter(({ from, to }) => own.has(hostOf(from)) && endpoints.includes(to))
  const unique = [...new Map(opened.map((segment) => [segment.seq, segment])).values()]
  const refused = unique.filter((segment) => isRefused(flowFrom(captures, segment.seq)))
  return refused.length === wanted ? refused.map(({ from, to }) => ({ from, to })) : []
}

const isRefused = ({ reply, refusals }: Flow): boolean => reply.length === 0 && refusals.some(({ packet }) => packet.tcp?.rst === true)
