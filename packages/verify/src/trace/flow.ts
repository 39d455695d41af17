import type { Way } from './capture/cooked.ts'
import { portOf } from './capture/ends.ts'
import type { Ends, Packet, Segment } from './capture/packet.ts'
import type { Capture, Caught } from './node/captured.ts'

/** One time the request, or its answer, was caught on an interface. */
export interface Sighting {
  capture: Capture
  link: number
  way: Way
  ends: Ends
  /** The packet around it. */
  outer: (Ends & { vni: number | undefined }) | undefined
  /** Packet that carries it: for what a refusal says. */
  packet: Packet
}

/** One connection as all captures saw it. */
export interface Flow {
  /** The request's first segment on its way, capture by capture, in the order in which each caught it. */
  request: readonly Sighting[]
  /** What came back to it: the second segment of the handshake. */
  reply: readonly Sighting[]
  /** Refusals: a reset, or an error (ICMP) about the request's first segment. */
  refusals: readonly Sighting[]
  /** Everything of this connection that was caught, for a file. */
  packets: readonly { capture: Capture; caught: Caught }[]
}

/**
 * Finds the connection that was opened from one of `ports` to `to`, as the capture at its start saw it, or as conntrack says it was `translated`. Its initial sequence number stays the
 * same through address translation and tunnels, so it marks the same segment everywhere. Undefined when nothing left.
 */
export function flowOf(captures: readonly Capture[], start: Capture, opened: { ports: readonly number[]; to: string; translated: Ends | undefined }): Flow | undefined {
  const { ports, translated } = opened
  // On a node's own devices a packet of the node is only seen once its addresses have been translated.
  const first = firstSegments(start).find(({ from, to }) => (to === opened.to && ports.includes(portOf(from))) || (from === translated?.from && to === translated.to))
  return first && flowFrom(captures, first.seq)
}

/** Segments that open a connection, in the order in which one place caught them. */
export const firstSegments = ({ packets }: Capture): (Segment & Ends)[] => packets.flatMap(({ packet }) => (isFirst(packet) ? packet.tcp ?? [] : []))

/** The connection whose first segment has this initial sequence number. */
export function flowFrom(captures: readonly Capture[], number: number): Flow {
  const all = captures.flatMap((capture) => capture.packets.map((caught) => ({ capture, caught })))
  const sightings = all.flatMap(({ capture, caught }) => sighting(capture, caught))
  const request = once(sightings.filter(({ packet }) => isFirst(packet) && packet.tcp?.seq === number))
  const answers = ({ tcp }: Packet): boolean => tcp?.ack === ((number + 1) >>> 0)
  const ends = new Set(request.flatMap(({ ends: { from, to } }) => [`${from} ${to}`, `${to} ${from}`]))
  return {
    request,
    reply: once(sightings.filter(({ packet }) => packet.tcp?.syn === true && packet.tcp.acks && answers(packet))),
    refusals: once(sightings.filter(({ packet }) => (packet.tcp?.rst === true && answers(packet)) || packet.icmp?.aboutSeq === number)),
    packets: all.filter(({ caught: { packet } }) => belongs(packet.inside?.packet ?? packet, ends, number)),
  }
}

const isFirst = ({ tcp }: Packet): boolean => tcp !== undefined && tcp.syn && !tcp.acks

function sighting(capture: Capture, { link, way, packet: whole }: Caught): Sighting[] {
  const packet = whole.inside?.packet ?? whole
  const outer = whole.inside && whole.udp ? { from: whole.udp.from, to: whole.udp.to, vni: whole.inside.vni } : undefined
  const ends = packet.tcp ?? { from: packet.src, to: packet.dst }
  return packet.tcp || packet.icmp ? [{ capture, link, way, ends: { from: ends.from, to: ends.to }, outer, packet }] : []
}

/** The first time on each interface and way: what comes again was sent again. */
function once(sightings: readonly Sighting[]): Sighting[] {
  const known = new Set<string>()
  return sightings.filter(({ capture, link, way, outer }) => {
    const key = `${capture.node} ${capture.place} ${link} ${way} ${outer !== undefined}`
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

const belongs = ({ tcp, icmp }: Packet, ends: ReadonlySet<string>, number: number): boolean =>
  (tcp !== undefined && ends.has(`${tcp.from} ${tcp.to}`)) || icmp?.aboutSeq === number
