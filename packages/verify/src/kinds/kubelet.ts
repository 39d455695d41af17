import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { describeTracked, type Tracked } from '../probes/conntrack.ts'
import type { ProbeClass } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Condition, Pod } from '../scene/kube-shapes.ts'
import { positionOf } from '../scene/node-place.ts'
import { type Origin, originsOf, podOrigin } from '../scene/origin.ts'
import { isBackend, podName, stateOf } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { connectMs, type Exchange, exchange } from '../witness/exchange.ts'
import { conntrackCommand, exchangeEvidence, requireAnswered } from '../witness/explain.ts'
import { kubeletProbe } from '../witness/kubelet-probe.ts'
import { ownAddresses } from '../witness/node-addresses.ts'
import { requireSource, sourceEvidence } from '../witness/source-claim.ts'
import { sourcesSeen } from '../witness/source.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `kubelet`: agents of a node and the Pods on it reach each other. Witnesses: the kubelet's word on its own probe of the Pod, beside the Node's
 * condition that tells whether the kubelet still reports; server and kernel for the address that a request from the node arrives from; the client's
 * errno and the kernel's record for the way back. Control: the node's control Pod answers itself.
 * Known false pass: a kubelet that died less than about 40 s ago, whose last word still stands; a probe that asks another host or runs a program
 * (both are red here); a hostNetwork Pod, which is the node. Known false fail: demanding the node's InternalIP, of which a plugin need not make use
 * (kubernetes#138360); asking other nodes, to which Pods may be translated.
 */
export const kubelet: CheckKind<'kubelet'> = {
  origins: ({ pods }) => [{ pod: pods }],
  async look(spec, round) {
    const pods = runningPods(round, spec.pods)
    const conditions = await nodeConditions(round)
    const words = pods.map((pod) => kubeletsWord(pod, conditions))
    const ways = await Promise.all(pods.map((pod) => waysOf(spec, round, pod)))
    const evidence: Evidence[] = [...words]
    for (const way of ways) evidence.push(...await requireToPod(round, way), ...requireToNode(spec, way, evidence))
    return { state: 'green', nodes: [], evidence, why: `${pods.map((pod) => `Pod ${podName(pod)}`).join(', ')}: the kubelet's probe succeeds, the node asks from an address of its own, and the Pod reaches its node.` }
  },
}

/** A kubelet tells a change of its state with its next report, ten seconds apart at most (nodeStatusUpdateFrequency). */
const reportMs = 12_000

const nodeOf = (pod: Pod): string => pod.spec?.nodeName ?? ''

async function nodeConditions(round: Round): Promise<Map<string, Condition | undefined>> {
  const nodes = await round.view.kube.list({ apiVersion: 'v1', kind: 'Node' }, round.deadline)
  return new Map(nodes.map((node) => [node.metadata.name, (node.status as { conditions?: Condition[] } | undefined)?.conditions?.find(({ type }) => type === 'Ready')]))
}

/** The kubelet says that its probe succeeds, and still reports at all. */
function kubeletsWord(pod: Pod, conditions: ReadonlyMap<string, Condition | undefined>): Evidence {
  const { namespace, name } = pod.metadata
  if (pod.spec?.hostNetwork) throw new NotMet(`Pod ${podName(pod)} uses its node's network (hostNetwork), so nothing between node and Pod can be shown.`)
  const { by, port } = kubeletProbe(pod)
  const statuses = pod.status?.containerStatuses ?? []
  const waiting = statuses.find(({ started }) => started !== true)
  const ready = conditions.get(nodeOf(pod))
  const evidence: Evidence = {
    witness: 'kubelet', command: `hoplab kubectl -n ${namespace} get pod ${name} -o yaml`, expected: 'Ready, every container started, and a kubelet that reports',
    observed: plainLine(`${stateOf(pod)}${isBackend(pod) ? ' and Ready' : ''} by ${by} at port ${port}; ${waiting ? `${waiting.name} has not started` : 'every container started'}; ${nodeOf(pod)} Ready ${ready?.status ?? 'unknown'}`, 300),
  }
  if (ready?.status !== 'True') throw new NotMet(plainLine(`The kubelet of ${nodeOf(pod)} does not report that it is ready (${ready?.status ?? 'no condition'}${ready?.message ? `: ${ready.message}` : ''}), so its word on Pods is an old one.`, 300), [evidence], `kubelet on ${nodeOf(pod)}`, reportMs)
  if (waiting) throw new NotMet(`Container ${plainLine(waiting.name, 60)} of Pod ${podName(pod)} has not started, so the kubelet does not probe it yet.`, [evidence])
  if (!isBackend(pod)) throw new NotMet(`The kubelet's probe of Pod ${podName(pod)} (${by} at port ${port}) does not succeed: the Pod is not Ready.`, [evidence])
  return evidence
}

interface Ways { pod: Pod; back: Origin; address: string; toPod: Exchange; toNode: { class: ProbeClass; tracked: Tracked | undefined } }

/** Both ways, asked at the same time with the control. */
async function waysOf(spec: CheckOf<'kubelet'>, round: Round, pod: Pod): Promise<Ways> {
  const node = nodeOf(pod)
  const port = spec.port ?? kubeletProbe(pod).port
  const address = round.view.nodes.find(({ name }) => name === node)?.address ?? ''
  const [origin] = originsOf(round, { node: positionOf(round.view, node) })
  if (!origin) throw new TypeError('A node is one place.')
  const back = podOrigin(pod)
  const ip = pod.status?.podIP ?? ''
  const destination = { label: `Pod ${podName(pod)}, port ${port}`, port, addresses: [ip], service: undefined, endpoints: [{ ip, port, node, pod: pod.metadata.name }], nameFrom: undefined, direct: true }
  const [toPod, result] = await Promise.all([
    exchange(round, origin, destination, 1),
    round.batcher.ask(node, { kind: 'tcp', from: back.from, target: `${address}:${spec.nodePort}`, count: 1, parallel: 1, timeoutMs: connectMs }),
  ])
  const [connection] = result.connections
  const tracked = connection?.local === undefined ? undefined : result.table.entryFor(connection.local, `${address}:${spec.nodePort}`)
  return { pod, back, address, toPod, toNode: { class: connection?.class ?? result.class, tracked } }
}

async function requireToPod(round: Round, { toPod }: Ways): Promise<Evidence[]> {
  requireAnswered(toPod)
  const own = await ownAddresses(round, toPod.origin.node)
  const seen = await sourcesSeen(round, toPod)
  for (const one of seen) requireSource(one, toPod.origin, own)
  return [...sourceEvidence(seen, toPod.origin, own), ...exchangeEvidence(toPod)]
}

function requireToNode({ nodePort }: CheckOf<'kubelet'>, { pod, back, address, toNode: { class: end, tracked } }: Ways, before: readonly Evidence[]): Evidence[] {
  const node = nodeOf(pod)
  const evidence: Evidence[] = [
    { witness: 'client', command: back.at(`nc -zvw 2 ${address} ${nodePort}`), observed: `a connection to ${address}:${nodePort}: ${end}`, expected: 'OK' },
    { witness: 'conntrack', command: conntrackCommand(node, pod.status?.podIP ?? ''), observed: tracked ? describeTracked(tracked) : 'nothing tracks this connection on this node', expected: `replies from ${address}, where the node tracks` },
  ]
  if (end !== 'OK') throw new NotMet(`Pod ${podName(pod)} does not reach its own node ${node} at ${address}:${nodePort}: ${end}.`, [...before, ...evidence])
  if (tracked && (tracked.reply.src !== address || tracked.reply.sport !== nodePort)) throw new NotMet(`Pod ${podName(pod)} asks its own node ${node} at ${address}:${nodePort}, and ${tracked.reply.src}:${tracked.reply.sport} answers in its place.`, [...before, ...evidence])
  return evidence
}
