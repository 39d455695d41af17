import { plainLine } from '@hoplab/core'
import { type BrokenHop, type TraceHop, type TraceResult, traceSchemaVersion } from '@hoplab/model'
import type { Tracked } from '../probes/conntrack.ts'
import type { Round } from '../round.ts'
import type { ServicePort } from '../rules/service-rules.ts'
import type { Pod, Service } from '../scene/kube-shapes.ts'
import { podName } from '../scene/pods.ts'
import type { Ends } from './capture/packet.ts'
import { hostOf, portOf } from './capture/ends.ts'
import { type Flow, flowOf } from './flow.ts'
import { forgottenRefusals } from './forgotten.ts'
import type { Asked, Goal } from './goal.ts'
import { hopsOf } from './hops.ts'
import type { Capture } from './node/captured.ts'
import { type Gap, gapIn, passedBy } from './passed.ts'
import { positionOf } from './position.ts'
import { serviceRule, type ServiceRule } from './rules/service-rule.ts'
import { type Party, type Stage, stagesBetween } from './stages.ts'
import type { Attempt, NodeState, Seen } from './window.ts'

/** One attempt as it can be told. */
export interface Told {
  attempt: Attempt
  class: TraceResult['outcome']['class']
  flow: Flow | undefined
  tracked: Tracked | undefined
  /** `ip:port` of the chosen endpoint; undefined when none is known to have been chosen. */
  endpoint: string | undefined
  client: Party
  server: Party | undefined
  stages: readonly Stage[]
  /** Where the packet went missing; undefined when it was answered. */
  gap: Gap | undefined
  rule: ServiceRule | undefined
}

/** Puts together what was seen of one attempt. */
export function tell(round: Round, asked: Asked, seen: Seen, attempt: Attempt): Told {
  const { origin, goal } = asked
  const client = partyOf(round, seen, { name: origin.name, node: origin.node, address: origin.pod?.status?.podIP ?? nodeAddress(round, origin.node), uid: uidInOwnNetwork(origin.pod) })
  const dialled = `${goal.address}:${goal.port}`
  const state = seen.nodes.get(origin.node)
  const tracked = recordOf(state, attempt, dialled)
  const translated = tracked ? { from: `${tracked.reply.dst}:${tracked.reply.dport}`, to: `${tracked.reply.src}:${tracked.reply.sport}` } : forgottenEnds(asked, seen, client, attempt)
  const flow = client.own && flowOf(seen.captures, client.own, { ports: attempt.ports, to: dialled, translated })
  const endpoint = endpointOf(flow, tracked, goal.service !== undefined, dialled)
  const server = endpoint === undefined ? undefined : serverParty(round, seen, asked, endpoint)
  const stages = stagesBetween(client, server, round.view.networkFacts)
  const end = classOf(attempt, flow)
  const rule = goal.service && state && serviceRule(round.view.networkFacts.proxyMode, state, servicePort(goal, goal.service), endpoint)
  return { attempt, class: end, flow, tracked, endpoint, client, server, stages, rule, gap: end === 'OK' ? undefined : gapIn(flow, stages) }
}

/** The shape that people and programs read. */
export function resultOf(asked: Asked, told: Told, seen: Seen, more: { first: readonly TraceHop[]; broken: BrokenHop | undefined; durationMs: number; round: Round }): TraceResult {
  const { origin, goal } = asked
  const { view } = more.round
  return {
    schemaVersion: traceSchemaVersion, nonce: told.attempt.nonce,
    from: { name: origin.name, node: positionOf(view, origin.node) }, to: { name: goal.name, address: `${goal.address}:${goal.port}` },
    outcome: { class: told.class, ...(told.attempt.status > 0 ? { status: told.attempt.status } : {}), what: outcomeText(told, goal.name) },
    hops: [...more.first, ...hopsOf(passedBy(told.flow, told.stages), told.client, { tracked: told.tracked, service: goal.service && goal.name.replace(/^Service /u, ''), rule: told.rule }), ...endHops(told)],
    ...(more.broken ? { firstBroken: more.broken } : {}),
    captures: seen.captures.map((capture) => ({ where: placeName(more.round, capture), proven: capture.proven, packets: told.flow?.packets.filter((one) => one.capture === capture).length ?? 0 })),
    durationMs: Math.round(more.durationMs),
  }
}

/** `worker-1`, or `Pod tr/client`. */
export function placeName(round: Round, { place, node }: Capture): string {
  const pod = place === 'node' ? undefined : round.snapshot.pods.find(({ metadata }) => metadata.uid === place)
  return pod ? `Pod ${podName(pod)}` : positionOf(round.view, node)
}

/** 7 = could not connect (curl(1), EXIT CODES). */
const refusedOrUnreachable = 7

/** How it ended, by curl's exit code and by what came back on the wire; never by text. */
function classOf({ exitCode, status }: Attempt, flow: Flow | undefined): Told['class'] {
  if (exitCode === 0 || status > 0) return 'OK'
  // 28 = time is up (curl(1), EXIT CODES); all others ended after the handshake.
  if (exitCode === 28) return 'TIMEOUT'
  if (exitCode !== refusedOrUnreachable) return 'RESET'
  const refused = flow?.refusals.some(({ packet }) => packet.tcp?.rst === true || (packet.icmp?.type === 3 && packet.icmp.code === 3))
  return refused ? 'REFUSED' : 'UNREACHABLE'
}

const outcomes: Record<Told['class'], string> = {
  OK: 'was answered', REFUSED: 'was refused', TIMEOUT: 'got no answer in time', UNREACHABLE: 'found no way', DNS: 'found no address', RESET: 'was cut off',
}

function outcomeText({ attempt, class: end }: Told, goal: string): string {
  return `The request to ${goal} ${outcomes[end]}${attempt.status > 0 ? ` with HTTP ${attempt.status}` : ''}.`
}

/** Who answered in its own words, or who refused. */
function endHops({ flow, client, stages, class: end }: Told): TraceHop[] {
  if (end === 'OK') return []
  return (flow?.refusals ?? []).slice(0, 1).map((one) => {
    const stage = stages.find(({ capture }) => capture === one.capture)
    const by = one.packet.tcp ? `${hostOf(one.ends.from)} resets the connection: nothing listens on port ${portOf(one.ends.from)} there` : `${one.packet.src} says by ICMP that there is no way on (type ${one.packet.icmp?.type}, code ${one.packet.icmp?.code})`
    return { direction: 'reply', kind: 'refusal', where: stage?.party.position ?? client.position, name: one.capture.links.get(one.link)?.name ?? 'not seen', seen: 'captured', what: by, before: one.ends, after: one.ends }
  })
}

/** Conntrack's record of an attempt: only this trace opens connections from these ports. */
const recordOf = (state: NodeState | undefined, { ports }: Attempt, dialled: string): Tracked | undefined =>
  state?.tracked.find(({ original: { sport, dst, dport } }) => `${dst}:${dport}` === dialled && ports.includes(sport))

/** How a node's own refused request to a Service left the node. */
function forgottenEnds({ goal, origin }: Asked, seen: Seen, { own, host }: Party, attempt: Attempt): Ends | undefined {
  if (!goal.service || !own || own !== host) return undefined
  const state = seen.nodes.get(origin.node)
  const refused = seen.attempts.filter((one) => one.exitCode === refusedOrUnreachable && !recordOf(state, one, `${goal.address}:${goal.port}`))
  const endpoints = goal.endpoints.flatMap(({ ip, port }) => (port === undefined ? [] : `${ip}:${port}`))
  return forgottenRefusals(seen.captures, own, { endpoints, wanted: refused.length })[refused.indexOf(attempt)]
}

function servicePort({ address, port }: Goal, { metadata, spec }: Service): ServicePort {
  const named = (spec?.ports ?? []).find((one) => one.port === port && (one.protocol ?? 'TCP') === 'TCP')
  return { address, port, name: `${metadata.namespace}/${metadata.name}`, portName: named?.name ?? '' }
}

function endpointOf(flow: Flow | undefined, tracked: Tracked | undefined, isService: boolean, dialled: string): string | undefined {
  const answering = tracked && `${tracked.reply.src}:${tracked.reply.sport}`
  if (answering !== undefined && !(isService && answering === dialled)) return answering
  const translated = flow?.request.findLast(({ ends }) => ends.to !== dialled)?.ends.to
  return translated ?? (isService ? undefined : dialled)
}

function serverParty(round: Round, seen: Seen, { goal }: Asked, endpoint: string): Party | undefined {
  const address = hostOf(endpoint)
  const known = goal.endpoints.find(({ ip }) => ip === address)
  const pod = round.snapshot.pods.find((one) => one.status?.podIP === address && one.status.phase === 'Running' && (known?.pod === undefined || one.metadata.name === known.pod))
  const node = known?.node ?? pod?.spec?.nodeName ?? round.view.nodes.find((one) => one.address === address)?.name
  if (node === undefined) return undefined
  const name = pod ? `Pod ${podName(pod)}` : `node ${positionOf(round.view, node)}`
  return partyOf(round, seen, { name, node, address, uid: uidInOwnNetwork(pod) })
}

/** Undefined for a node, and for a Pod on its network. */
const uidInOwnNetwork = (pod: Pod | undefined): string | undefined => (pod?.spec?.hostNetwork === true ? undefined : pod?.metadata.uid)

function partyOf(round: Round, seen: Seen, one: { name: string; node: string; address: string; uid: string | undefined }): Party {
  const at = (place: string): Capture | undefined => seen.captures.find((capture) => capture.node === one.node && capture.place === place)
  const host = at('node')
  return {
    name: plainLine(one.name, 160), node: one.node, position: positionOf(round.view, one.node), address: one.address, nodeAddress: nodeAddress(round, one.node),
    host, own: one.uid === undefined ? host : at(one.uid),
  }
}

const nodeAddress = (round: Round, node: string): string => round.view.nodes.find(({ name }) => name === node)?.address ?? ''
