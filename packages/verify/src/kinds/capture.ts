import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { Broken } from '../probes/broken.ts'
import { controlEvidence, type ControlPath, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { onNode } from '../scene/node-place.ts'
import { podsCommand } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { requireWire, tunnelName } from '../witness/wire-claim.ts'
import { wireBetween, type WireView } from '../witness/wire.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `capture`: what the wire carries while one Pod asks another. Witnesses: captures in both Pods' own networks and on both nodes, which begin before
 * the request and end after its answer; a packet counts by its addresses, inside a tunnel by those inside, and by the request's nonce. Controls: a
 * packet of ours that each capture catches before and one after the request, none dropped by the kernel; for `nothing` a request between nodes at
 * the same time, which the same capture must catch on the same uplink; else the control Pods' path.
 * Known false pass: a capture that began late or a filter that catches nothing (both are inconclusive); a tunnel's port without the Pods' addresses
 * in it. Known false fail: plugins that wrap nothing between nodes of one network, where `plain` is right. VXLAN and Weave's
 * sleeve are read: inside any other tunnel nothing is found.
 */
export const capture: CheckKind<'capture'> = {
  async look(spec, round) {
    const pairs = pairsOf(spec, round)
    const { overlay } = round.view.networkFacts
    if (spec.expect === 'overlay' && overlay && (overlay.kind === 'ipip' || overlay.encrypted)) throw new Broken(`This network wraps packets as ${overlay.encrypted ? 'encrypted ' : ''}${overlay.kind}, which is not read here.`, { hopeless: true })
    const [views, paths] = await Promise.all([
      Promise.all(pairs.map((pair) => wireBetween(round, pair, spec.to.port, spec.expect === 'nothing' ? othersThan(round, pair[0]) : []))),
      Promise.all(pairs.map(([client, server]) => controlPaths(round, nodeOf(client), [nodeOf(server)]))),
    ])
    const evidence = [...views.flatMap((view) => wireEvidence(spec, round, view)), ...controlEvidence(paths.flat())]
    for (const [index, view] of views.entries()) await judge(spec, round, { view, paths: paths[index] ?? [], evidence })
    return { state: 'green', nodes: [], evidence, why: `${pairs.map(([client, server]) => `Pod ${podName(client)} asks Pod ${podName(server)}`).join('; ')}: ${whys[spec.expect]}.` }
  },
}

const nodeOf = (pod: Pod): string => pod.spec?.nodeName ?? ''

const whys: Record<CheckOf<'capture'>['expect'], string> = {
  overlay: 'the uplinks carry it only inside the tunnel, with the Pods\' addresses in it', plain: 'the uplinks carry it with the Pods\' addresses and no tunnel around them',
  nothing: 'it passes both Pods\' cables, and the uplink carries nothing of it',
}

/** Most nodes that are asked beside a request: any one that is seen on the uplink will do. */
const mostOthers = 4

function othersThan(round: Round, pod: Pod): string[] {
  const others = round.view.nodes.map(({ name }) => name).filter((name) => name !== nodeOf(pod))
  if (others.length === 0) throw new NotMet(`There is no other node than ${nodeOf(pod)}, so nothing can be sent over its uplink to show that it would be seen there.`)
  return others.slice(0, mostOthers)
}

/** Every client with every server as far as they are placed as the claim needs it. */
function pairsOf({ from, to, expect }: CheckOf<'capture'>, round: Round): (readonly [Pod, Pod])[] {
  const [clients, servers] = [runningPods(round, from.pod), runningPods(round, to.pod)]
  const all = [...clients, ...servers]
  const hosted = all.find((pod) => pod.spec?.hostNetwork === true)
  if (hosted) throw new NotMet(`Pod ${podName(hosted)} uses its node's network (hostNetwork), so it has no cable of its own.`)
  const pairs = clients.flatMap((client) => servers.filter((server) => server !== client && (nodeOf(server) === nodeOf(client)) === (expect === 'nothing')).map((server) => [client, server] as const))
  if (pairs.length > 0) return pairs
  throw new NotMet(`No two of these Pods are on ${expect === 'nothing' ? 'one node' : 'different nodes'}, so the wire cannot show it.`,
    all.map((pod) => ({ witness: 'api', command: podsCommand(pod.metadata.namespace ?? ''), observed: `${podName(pod)} on ${nodeOf(pod)}`, expected: expect === 'nothing' ? 'client and server on one node' : 'client and server on different nodes' })))
}

async function judge(spec: CheckOf<'capture'>, round: Round, { view, paths, evidence }: { view: WireView; paths: readonly ControlPath[]; evidence: Evidence[] }): Promise<void> {
  const { told: { class: end, client, server }, beside } = view
  const dead = paths.find(({ alive }) => !alive)
  const answered = end === 'OK' && server !== undefined
  // What was answered has shown its own way: the control Pods' may be another, such as a tunnel beside a route by hand.
  if (dead && !answered) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken: not even the control Pods reach each other there (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
  if (!answered) throw new NotMet(`${client.name} gets no answer from ${server?.name ?? 'the other Pod'} (${end}), so there is nothing for the wire to carry.`, evidence, undefined, undefined, { silence: end === 'TIMEOUT' })
  if (spec.expect === 'nothing') await requireSeenBeside(round, client.node, beside, evidence)
  requireWire(spec.expect, view, round.view.networkFacts, evidence)
}

/** The control of `nothing`: where nothing between nodes leaves, nothing shows that it would have been seen. */
async function requireSeenBeside(round: Round, node: string, beside: WireView['beside'], evidence: Evidence[]): Promise<void> {
  if (beside.some(({ packets }) => packets > 0)) return
  const paths = await controlPaths(round, node, beside.map(({ to }) => to))
  const dead = paths.find(({ alive }) => !alive)
  if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken, so nothing passes the uplink of ${node} that could be seen there.`, evidence, `path ${dead.from} → ${dead.to}`)
  throw new Broken(`Requests from ${node} to other nodes are answered, and its uplink was seen to carry none of them: what is seen there shows nothing.`, { hopeless: false })
}

function wireEvidence({ to, expect }: CheckOf<'capture'>, round: Round, { told, uplinks, passed, beside }: WireView): Evidence[] {
  const { client, server } = told
  const expected = { overlay: 'wrapped packets only', plain: 'plain packets only', nothing: 'no packet' }[expect]
  return [
    { witness: 'client', command: `hoplab trace ${client.name.replace(/^Pod /u, '')} ${server?.address ?? ''}:${to.port}`, observed: told.class, expected: 'OK' },
    { witness: 'cable', command: onNode(round.view, client.node, `tcpdump -ni any tcp port ${to.port}`), observed: `request and answer were seen at: ${[...passed].join(', ') || 'no place'}`, expected: 'client, client-veth, server-veth, server' },
    ...uplinks.map(({ node, wrapped, plain, nonce }): Evidence => ({
      witness: 'uplink', command: onNode(round.view, node, `tcpdump -ni eth0 ${expect === 'overlay' ? `udp port ${round.view.networkFacts.overlay?.port ?? ''}` : `tcp port ${to.port}`}`), expected,
      observed: plainLine(`${node}: ${wrapped.length} wrapped${wrapped[0] ? ` (${tunnelName(wrapped[0].outer.vni)}, ${wrapped[0].outer.from} → ${wrapped[0].outer.to}, inside ${wrapped[0].inner.from} → ${wrapped[0].inner.to})` : ''}, ${plain.length} plain${plain[0] ? ` (${plain[0].from} → ${plain[0].to})` : ''}${nonce ? ', with the nonce' : ''}`, 300),
    })),
    { witness: 'control', command: onNode(round.view, client.node, 'tcpdump -ni any'), observed: 'every capture caught our packets before and after the request, and dropped none', expected: 'both, and none dropped' },
    ...beside.map(({ to: other, class: end, packets }): Evidence => ({ witness: 'control', command: onNode(round.view, client.node, 'tcpdump -ni eth0'), observed: `of a request to ${other} at the same time (${end}) the uplink carried ${packets} packets`, expected: 'more than none for one of them' })),
  ]
}
