import type { Deadline } from '@hoplab/core'
import type { BrokenHop, TraceHop, TraceResult } from '@hoplab/model'
import type { LabView } from '../port.ts'
import { Broken } from '../probes/broken.ts'
import { Round } from '../round.ts'
import { Nobodies } from '../scene/nobodies.ts'
import { takeSnapshot } from '../scene/snapshot.ts'
import { connectMs } from '../witness/exchange.ts'
import { dnsOutcome } from '../witness/explain.ts'
import { writePcapng } from './capture/pcapng-file.ts'
import { brokenHopOf } from './broken/broken-hop.ts'
import { askedEnds } from './ends/resolve.ts'
import { HOP_TRACE_BROKEN } from './errors.ts'
import type { Asked } from './goal.ts'
import { positionOf } from './position.ts'
import { placeName, resultOf, tell, type Told } from './trace.ts'
import type { Identity } from './identity.ts'
import { type Seen, watchRequests } from './window.ts'

/** One request, hop by hop, and its packets as a pcapng file. */
export interface Trace { result: TraceResult; pcap: Uint8Array }

/**
 * Sends one HTTP request and follows it. Addresses at each hop come from packets of this request or from conntrack's record of it.
 * @param from `pod/NAME`, `NAMESPACE/NAME`, `NAME` or `node/worker-1`
 * @param to `service/NAME:PORT`, `pod/NAME:PORT`, `NAME:PORT` or `IP:PORT`; names may have a namespace in front
 * @throws HOP_TRACE_END_UNKNOWN, HOP_TRACE_END_UNUSABLE (exit 2); HOP_TRACE_BROKEN (exit 3) when packets could not be watched
 */
export async function traceRequest(view: LabView, from: string, to: string, deadline: Deadline): Promise<Trace> {
  try {
    return await traced(view, from, to, deadline)
  } catch (thrown) {
    throw thrown instanceof Broken ? HOP_TRACE_BROKEN({ said: thrown.message }, { cause: thrown }) : thrown
  }
}

async function traced(view: LabView, from: string, to: string, deadline: Deadline): Promise<Trace> {
  const round = new Round(view, await takeSnapshot(view, deadline), { answers: {}, deadline, nobodies: new Nobodies(view, deadline) })
  return followRequest(round, askedEnds(round, from, to))
}

/** The same from one look at the API. @throws Broken */
export async function followRequest(round: Round, asked: Asked, options: { identity?: Identity } = {}): Promise<Trace> {
  const { clock } = round.deadline
  const started = clock.now()
  const [name, seen] = await Promise.all([nameHop(round, asked), watchRequests(round, asked, { ...options, attempts: 1, boundMs: connectMs })])
  const [attempt] = seen.attempts
  if (!attempt) throw new TypeError('One attempt was asked for.')
  const told = tell(round, asked, seen, attempt)
  const onTheWay = await brokenHopOf(round, asked, told, seen)
  // What breaks the way to the server may break that to DNS too; then it is the cause. A Service of its own is not.
  const broken = onTheWay && onTheWay.hop !== asked.goal.name ? onTheWay : name?.broken ?? onTheWay
  const result = resultOf(asked, told, seen, { round, first: name ? [name.hop] : [], broken, durationMs: clock.now() - started })
  return { result, pcap: fileOf(round, told, seen) }
}

/** A client asks for the name first. */
async function nameHop(round: Round, { origin, goal }: Asked): Promise<{ hop: TraceHop; broken: BrokenHop | undefined } | undefined> {
  if (goal.asked === undefined) return undefined
  const { dns } = await round.batcher.ask(origin.node, { kind: 'dns', from: origin.from, name: goal.asked, type: 'A', timeoutMs: connectMs })
  const found = dns?.addresses.includes(goal.address) === true
  const outcome = dns ? dnsOutcome(dns) : 'nothing'
  return {
    hop: { direction: 'request', kind: 'name', where: origin.name, name: dns?.server || 'DNS', seen: 'told', what: `${origin.name} asks for the name ${goal.asked}; ${found ? `DNS says ${goal.address}` : `DNS does not lead to ${goal.address}: ${outcome}`}` },
    broken: found ? undefined : { hop: 'DNS', decidedBy: `the question for ${goal.asked} brought ${outcome}, not ${goal.address}`, command: origin.at(`dig +search ${goal.asked}`) },
  }
}

function fileOf(round: Round, told: Told, seen: Seen): Uint8Array {
  return writePcapng(seen.captures.flatMap((capture) => {
    const mine = (told.flow?.packets ?? []).filter((one) => one.capture === capture)
    const node = positionOf(round.view, capture.node)
    const place = capture.place === 'node' ? '' : `${placeName(round, capture)} `
    return [...Map.groupBy(mine, ({ caught }) => caught.link)].map(([link, packets]) => ({ place: `${node} ${place}${capture.links.get(link)?.name ?? link}`, frames: [...new Set(packets.map(({ caught }) => caught.frame))] }))
  }))
}
