import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import { nodesAt, onNode } from '../scene/node-place.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { describePodRef, podName } from '../scene/pods.ts'
import { podsCommand } from '../scene/origin.ts'
import { runningPods } from '../scene/running-pods.ts'
import { type Route, routesTo } from '../witness/route.ts'
import { forwardedTo, linkAddressOf, neighbourOf, tunnelOn } from '../witness/tunnel.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `route`: the kernel of each node would send packets for Pods of other nodes by the right device, to the right node. Witnesses: the node's own
 * tables (route, neighbour, forwarding database) and the other node's device, whose link-layer address the tables must name. Control: the control
 * Pods of both nodes reach each other. Known false pass: right route, wrong forwarding database; so the whole chain is followed to the node's
 * address. Known false fail: a network without overlay; there the way leads straight to the node, or, where Pods live in the nodes' own network, to
 * a neighbour who is that node by its link-layer address.
 */
export const route: CheckKind<'route'> = {
  async look(spec, round) {
    const pods = runningPods(round, spec.to)
    const pairs = nodesAt(round, spec.nodes).flatMap((node) => pods.filter((pod) => pod.spec?.nodeName !== node).map((pod) => ({ node, pod })))
    if (pairs.length === 0) throw new NotMet(`No ${describePodRef(spec.to, round.defaultNamespace)} is on another node, so no way between nodes can be shown.`,
      pods.map((pod) => ({ witness: 'api', command: podsCommand(pod.metadata.namespace ?? ''), observed: `${podName(pod)} on ${pod.spec?.nodeName}`, expected: 'a Pod on another node' })))
    const [ways, paths] = await Promise.all([
      Promise.all(pairs.map(({ node, pod }) => wayTo(round, node, pod))), Promise.all(pairs.map(({ node, pod }) => controlPaths(round, node, [pod.spec?.nodeName ?? '']))),
    ])
    const evidence = [...ways.flatMap((way) => way.evidence), ...controlEvidence(paths.flat())]
    const wrong = ways.find(({ fault }) => fault !== undefined)
    if (wrong?.fault) throw new NotMet(wrong.fault.why, [...wrong.evidence, ...evidence.filter((one) => !wrong.evidence.includes(one))], wrong.fault.hop)
    const dead = paths.flat().find(({ alive }) => !alive)
    if (dead) throw new NotMet(`Every table leads from ${dead.from} to ${dead.to}, and still the control Pods do not reach each other there (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
    return { state: 'green', nodes: [], evidence, why: `${ways.map(({ summary }) => summary).join('; ')}.` }
  },
}

interface Way { summary: string; evidence: Evidence[]; fault?: { why: string; hop: string } }

async function wayTo(round: Round, node: string, pod: Pod): Promise<Way> {
  const address = pod.status?.podIP ?? ''
  const remote = { name: pod.spec?.nodeName ?? '', address: round.view.nodes.find(({ name }) => name === pod.spec?.nodeName)?.address ?? '' }
  const [taken] = await routesTo(round, node, [address])
  const step: Route = taken ?? { to: address, device: 'no route', gateway: undefined }
  const { overlay, bridge, ipam } = round.view.networkFacts
  const neighbours = ipam === 'node-network'
  const target = overlay ? '' : neighbours ? ' and no next hop' : ` to ${remote.address}`
  const uplink = overlay ? undefined : (await routesTo(round, node, [remote.address]))[0]?.device
  const device = overlay?.device ?? (overlay ? bridge : uplink) ?? ''
  const evidence: Evidence[] = [{ witness: 'route', command: onNode(round.view, node, `ip route get ${address}`), observed: describe(node, step), expected: `by ${device}${target}` }]
  const off = { summary: '', evidence, fault: { why: `On ${node} packets for Pod ${podName(pod)} (${address}) ${step.device === 'no route' ? 'find no route' : `leave by ${plainLine(step.device, 20)}${step.gateway === undefined ? '' : ` to ${plainLine(step.gateway, 40)}`}`}, not by ${device}${target}.`, hop: `route on ${node}` } }
  if (step.device !== device || (!overlay && step.gateway !== (neighbours ? undefined : remote.address))) return off
  if (neighbours) return toNeighbour(round, { node, pod, step, device, remote, evidence })
  return overlay?.kind === 'vxlan' && overlay.device !== undefined ? throughTunnel(round, { node, pod, step, device, remote, evidence }) : { summary: `${describe(node, step)}`, evidence }
}

const describe = (node: string, { to, device, gateway }: Route): string => plainLine(`${node} → ${to} by ${device}${gateway === undefined ? '' : ` to ${gateway}`}`, 200)

interface Stage { node: string; pod: Pod; step: Route; device: string; remote: { name: string; address: string }; evidence: Evidence[] }

/** The kernel asks for the link-layer address when it has something to send, so none yet is no fault; another than the node's is one. */
async function toNeighbour(round: Round, { node, pod, step, device, remote, evidence: before }: Stage): Promise<Way> {
  const [mac, own] = await Promise.all([neighbourOf(round, node, device, step.to), linkAddressOf(round, remote.name, device)])
  const evidence: Evidence[] = [...before, { witness: 'neighbour', command: onNode(round.view, node, `ip neigh show dev ${device}`), observed: plainLine(`${step.to} is ${mac ?? 'not asked for yet'}`, 100), expected: `the address of ${device} on ${remote.name}: ${plainLine(own ?? 'no such device', 40)}` }]
  if (mac === undefined || mac === own) return { summary: `${describe(node, step)}, a neighbour: the node of ${podName(pod)}`, evidence }
  return { summary: '', evidence, fault: { why: `${node} takes ${plainLine(mac, 40)} for ${step.to}, the address of ${podName(pod)}; ${device} of its node ${remote.name} is ${plainLine(own ?? 'not there', 40)}.`, hop: `neighbour table on ${node}` } }
}

/** Follows the next hop through the neighbour table and the forwarding database to the address of the node at the other end. */
async function throughTunnel(round: Round, stage: Stage): Promise<Way> {
  const { node, pod, step, device, remote } = stage
  const next = step.gateway ?? step.to
  const [own, far, mac] = await Promise.all([tunnelOn(round, node, device), tunnelOn(round, remote.name, device), neighbourOf(round, node, device, next)])
  const ends = mac === undefined ? [] : await forwardedTo(round, node, device, mac)
  const { vni, port } = round.view.networkFacts.overlay ?? {}
  const evidence: Evidence[] = [
    ...stage.evidence,
    { witness: 'device', command: onNode(round.view, node, `ip -d link show ${device}`), observed: own ? `VXLAN ${own.vni ?? '?'}, UDP port ${own.port ?? '?'}` : 'no such device', expected: `VXLAN ${vni ?? 'any'}, UDP port ${port ?? 'any'}` },
    { witness: 'neighbour', command: onNode(round.view, node, `ip neigh show ${next} dev ${device}`), observed: plainLine(`${next} is ${mac ?? 'unknown'}`, 100), expected: `the address of ${device} on ${remote.name}: ${plainLine(far?.address ?? 'no such device', 40)}` },
    { witness: 'fdb', command: onNode(round.view, node, `bridge fdb show dev ${device}`), observed: plainLine(`${mac ?? '?'} is at ${ends.join(', ') || 'no node'}`, 100), expected: remote.address },
  ]
  const fault = faultOf({ own, far, mac, ends, next, vni, port }, stage)
  const summary = `${describe(node, step)}, which is ${plainLine(mac ?? '?', 40)} at ${remote.address}, the node of ${podName(pod)}`
  return fault === undefined ? { summary, evidence } : { summary: '', evidence, fault }
}

type Tunnel = Awaited<ReturnType<typeof tunnelOn>>

function faultOf(seen: { own: Tunnel; far: Tunnel; mac: string | undefined; ends: string[]; next: string; vni: number | undefined; port: number | undefined }, { node, device, remote }: Stage): Way['fault'] {
  const { own, far, mac, ends, next, vni, port } = seen
  const lacking = own ? far ? undefined : remote.name : node
  if (lacking !== undefined) return { why: `${lacking} has no device ${device}.`, hop: `${device} on ${lacking}` }
  const odd = [{ at: node, end: own }, { at: remote.name, end: far }].find(({ end }) => (vni !== undefined && end?.vni !== vni) || (port !== undefined && end?.port !== port))
  if (odd) return { why: `${device} on ${odd.at} is VXLAN ${odd.end?.vni ?? '?'} on UDP port ${odd.end?.port ?? '?'}, not ${vni ?? 'any'} on ${port ?? 'any'}.`, hop: `${device} on ${odd.at}` }
  if (mac === undefined) return { why: `${node} does not know which link-layer address its next hop ${plainLine(next, 40)} behind ${device} has.`, hop: `neighbour table on ${node}` }
  if (mac !== far?.address) return { why: `${node} takes ${plainLine(mac, 40)} for its next hop behind ${device}; ${device} on ${remote.name} is ${plainLine(far?.address ?? '?', 40)}.`, hop: `neighbour table on ${node}` }
  if (ends.length === 0 || ends.some((end) => end !== remote.address)) return { why: `The route on ${node} is right, but its forwarding database sends frames for ${plainLine(mac, 40)} to ${plainLine(ends.join(', '), 80) || 'no node'}, not to ${remote.address} (${remote.name}).`, hop: `FDB on ${node}` }
  return undefined
}
