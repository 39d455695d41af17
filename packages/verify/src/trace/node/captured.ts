import { z } from 'zod'
import { Broken } from '../../probes/broken.ts'
import { cooked, type Way } from '../capture/cooked.ts'
import { type Packet, packetIn } from '../capture/packet.ts'
import { type Frame, readPcap } from '../capture/pcap-file.ts'
import { sleevePackets } from '../capture/sleeve.ts'
import { portOf } from '../capture/ends.ts'
import type { ScriptOutput } from './read-lines.ts'

/** A network interface of one network namespace. */
export interface Link {
  name: string
  /** Index of the other end, for a cable between two namespaces. */
  peer: number | undefined
  /** Bridge that it is a port of. */
  bridge: string | undefined
  addresses: readonly string[]
}

/** One packet with where it was caught. */
export interface Caught { frame: Frame; link: number; way: Way; packet: Packet }

/** What was caught in one network namespace, in order. */
export interface Capture {
  /** `node`, or uid of the Pod. */
  place: string
  /** Kubernetes Node name. */
  node: string
  /** Both control packets were caught by the same filter, and the kernel dropped none: what is missing here was not here. */
  proven: boolean
  /** Why it is not proven, as words behind "a capture". */
  doubt?: string
  packets: readonly Caught[]
  links: ReadonlyMap<number, Link>
  /** IPv4 addresses on its own networks for whose hardware address nobody had answered in the end (ip-neighbour(8): incomplete, failed). */
  unresolved: readonly string[]
}

/** What tells the trace's own packets from others. */
export interface Marks {
  /** Ports on the loopback that the first and the last control packet went to. */
  first: number
  last: number
  tunnel: Tunnel | undefined
}

/** UDP packets in which the network carries others, as far as these can be read. */
export interface Tunnel { kind: 'vxlan' | 'udp'; port: number }

const addressList = z.array(z.object({ ifindex: z.int(), ifname: z.string(), link_index: z.int().optional(), master: z.string().optional(), addr_info: z.array(z.object({ local: z.string() })).default([]) }))

/** Reads one capture out of what `finishScript` printed. @throws Broken when the capture or the list of interfaces cannot be read */
export function captureOf(output: ScriptOutput, at: { place: string; node: string }, marks: Marks): Capture {
  const file = output.bytes(`pcap ${at.place}`)
  const said = output.text(`said ${at.place}`)
  const packets = file === undefined || file.byteLength === 0 ? [] : readPcap(file).flatMap((frame) => caught(frame, marks.tunnel))
  const cut = packets.some(({ frame, packet }) => frame.bytes.byteLength < frame.length && marks.tunnel?.kind === 'udp' && isOf(marks.tunnel, packet))
  const doubt = cut ? 'kept less than a whole packet of the tunnel, so what else is in it is not known' : doubtIn(said, [marks.first, marks.last].map((port) => packets.some(({ packet }) => packet.tcp?.syn === true && packet.tcp.to === `127.0.0.1:${port}`)))
  return { ...at, packets, links: linksIn(output.text(`links ${at.place}`)), unresolved: firstWords(output.text(`neighbours ${at.place}`)), proven: doubt === undefined, ...(doubt === undefined ? {} : { doubt }) }
}

/** Of each line of `ip neighbour` the address. */
const firstWords = (text: string): string[] => text.split('\n').flatMap((line) => /^\S+/u.exec(line)?.[0] ?? [])

/** Why nothing seen would mean nothing, by what tcpdump said in the end and whether it caught the control packets before and after. */
function doubtIn(said: string, [before, after]: readonly boolean[]): string | undefined {
  const counted = (what: string): number | undefined => { const found = new RegExp(`^(\\d+) packets? ${what}$`, 'mu').exec(said)?.[1]; return found === undefined ? undefined : Number(found) }
  const [captured, dropped] = [counted('captured'), counted('dropped by kernel')]
  if (dropped === undefined) return 'did not say how it ended'
  if (dropped > 0) return `lost ${dropped} packets in the kernel`
  if (!before) return 'missed the control packet before the request'
  if (!after) return `missed the control packet after the request, having caught ${captured ?? 'an unknown number of'} packets`
  return undefined
}

const isOf = ({ port }: Tunnel, { udp }: Packet): boolean => udp !== undefined && portOf(udp.to) === port

/** One packet; of several inside of one as many, each with what is around it. */
function caught(frame: Frame, tunnel: Tunnel | undefined): Caught[] {
  const outside = cooked(frame.bytes)
  const packet = outside && packetIn(outside.etherType, outside.payload, tunnel?.kind === 'vxlan' ? tunnel.port : undefined)
  if (!outside || !packet) return []
  const at = { frame, link: outside.interface, way: outside.way }
  const inside = tunnel?.kind === 'udp' && packet.udp && isOf(tunnel, packet) ? sleevePackets(packet.udp.payload) : []
  return inside.length === 0 ? [{ ...at, packet }] : inside.map((one) => ({ ...at, packet: { ...packet, inside: { vni: undefined, packet: one } } }))
}

function linksIn(text: string): Map<number, Link> {
  const parsed = addressList.safeParse(json(text))
  if (!parsed.success) throw new Broken('The interfaces of a traced place could not be listed.', { hopeless: false })
  return new Map(parsed.data.map(({ ifindex, ifname, link_index: peer, master: bridge, addr_info: addresses }) => [ifindex, { name: ifname, peer, bridge, addresses: addresses.map(({ local }) => local) }]))
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
