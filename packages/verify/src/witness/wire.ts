import { Broken } from '../probes/broken.ts'
import { controlPod } from '../probes/control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podOrigin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import type { Ends, Packet } from '../trace/capture/packet.ts'
import { flowOf, type Flow } from '../trace/flow.ts'
import type { Asked } from '../trace/goal.ts'
import type { Capture } from '../trace/node/captured.ts'
import { sightingAt, type StageName } from '../trace/stages.ts'
import { tell, type Told } from '../trace/trace.ts'
import { type Attempt, type Seen, watchRequests } from '../trace/window.ts'
import { connectMs } from './exchange.ts'

/** What one node's uplink carried of one connection, in both directions. */
export interface OnUplink {
  node: string
  /** Packets inside a tunnel, with the packet around each. */
  wrapped: readonly { inner: Ends; outer: Ends & { vni: number | undefined } }[]
  /** Packets with no tunnel around them. */
  plain: readonly Ends[]
  /** Whether one of them carried the request's nonce. */
  nonce: boolean
}

/** One request between two Pods as all captures saw it. */
export interface WireView {
  told: Told
  /** `ip:port` that was asked. */
  dialled: string
  /** Of the client's node, then of the server's where that is another. */
  uplinks: readonly OnUplink[]
  /** Where request and answer were both seen, of the places that every such request passes. */
  passed: ReadonlySet<StageName>
  /** Whether a server's capture held the nonce. */
  arrived: boolean
  /** Of the requests to other nodes that were sent beside it: what the uplink of the client's node carried of each. */
  beside: readonly { to: string; class: 'answered' | 'unanswered'; packets: number }[]
}

/**
 * Sends one request from a Pod to a Pod's port and watches both Pods' networks and both nodes.
 * @param others nodes whose control Pods that of the client's node asks at the same time, caught by the same capture and the same filter
 * @throws Broken when a capture missed a control packet of ours, or the kernel dropped one: then nothing seen means nothing
 */
export async function wireBetween(round: Round, [client, server]: readonly [Pod, Pod], port: number, others: readonly string[]): Promise<WireView> {
  const origin = podOrigin(client)
  const address = server.status?.podIP ?? ''
  const goal: Asked['goal'] = { name: `Pod ${podName(server)}:${port}`, address, port, service: undefined, asked: undefined, endpoints: [{ ip: address, port, node: server.spec?.nodeName, pod: server.metadata.name }] }
  const targets = others.map((node) => ({ node, dialled: `${controlPod(round, node).status?.podIP}:8080` }))
  const beside = { podUid: others.length > 0 ? controlPod(round, origin.node).metadata.uid ?? '' : '', urls: targets.map(({ dialled }) => `http://${dialled}/`) }
  const asked: Asked = { origin, goal }
  const seen = await watchRequests(round, asked, { attempts: 1, boundMs: connectMs, beside })
  return wireView(round, asked, seen, targets)
}

/** The same from what was seen. */
export function wireView(round: Round, asked: Asked, seen: Seen, targets: readonly { node: string; dialled: string }[] = []): WireView {
  const [attempt] = seen.attempts
  if (!attempt) throw new TypeError('One attempt was asked for.')
  const unproven = seen.captures.find(({ proven }) => !proven)
  if (unproven) throw new Broken(`A capture on ${unproven.node} ${unproven.doubt}.`, { hopeless: false })
  const told = tell(round, asked, seen, attempt)
  const hosts = [told.client.host, ...(told.server && told.server.host !== told.client.host ? [told.server.host] : [])]
  return {
    told, dialled: `${asked.goal.address}:${asked.goal.port}`, passed: passedIn(told), arrived: holdsNonce(told.flow, attempt.nonce, told.server?.own),
    uplinks: hosts.flatMap((host) => (host ? [onUplink(round, host, told.flow, attempt.nonce)] : [])),
    beside: targets.map(({ node, dialled }, index) => besideOn(round, told, seen.captures, { to: node, dialled, attempt: seen.beside[index] })),
  }
}

function besideOn(round: Round, { client: { host } }: Told, captures: readonly Capture[], { to, dialled, attempt }: { to: string; dialled: string; attempt: Attempt | undefined }): WireView['beside'][number] {
  const flow = host && attempt && flowOf(captures, host, { ports: attempt.ports, to: dialled, translated: undefined })
  const carried = host && onUplink(round, host, flow, '')
  return { to, class: attempt?.status === 200 ? 'answered' : 'unanswered', packets: (carried?.wrapped.length ?? 0) + (carried?.plain.length ?? 0) }
}

function onUplink(round: Round, host: Capture, flow: Flow | undefined, nonce: string): OnUplink {
  const address = round.view.nodes.find(({ name }) => name === host.node)?.address ?? ''
  const links = new Set([...host.links].filter(([, { addresses }]) => addresses.includes(address)).map(([index]) => index))
  if (links.size === 0) throw new Broken(`No device on ${host.node} has its address ${address}.`, { hopeless: false })
  const packets = (flow?.packets ?? []).filter(({ capture, caught }) => capture === host && links.has(caught.link)).map(({ caught }) => caught.packet)
  return {
    node: host.node, nonce: packets.some((packet) => carries(packet, nonce)),
    wrapped: packets.flatMap(({ inside, udp }) => (inside && udp ? [{ inner: endsOf(inside.packet), outer: { from: udp.from, to: udp.to, vni: inside.vni } }] : [])),
    plain: packets.flatMap((packet) => (packet.inside ? [] : [endsOf(packet)])),
  }
}

const endsOf = ({ tcp, src, dst }: Packet): Ends => (tcp ? { from: tcp.from, to: tcp.to } : { from: `${src}:0`, to: `${dst}:0` })

/** Whether the packet, or the one inside it, carries the nonce as the header of a request. */
function carries(packet: Packet, nonce: string): boolean {
  const { payload } = (packet.inside?.packet ?? packet).tcp ?? {}
  return payload !== undefined && new TextDecoder('latin1').decode(payload).includes(`X-Hoplab-Nonce: ${nonce}\r\n`)
}

const holdsNonce = (flow: Flow | undefined, nonce: string, at: Capture | undefined): boolean =>
  at !== undefined && flow?.packets.some(({ capture, caught }) => capture === at && carries(caught.packet, nonce)) === true

function passedIn({ stages, flow }: Told): Set<StageName> {
  const both = stages.filter((stage) => (['request', 'reply'] as const).every((direction) => sightingAt(stage, flow?.[direction] ?? [], direction) !== undefined))
  return new Set(both.map(({ name }) => name))
}
