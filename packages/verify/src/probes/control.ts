import type { Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { isBackend, podName, stateOf } from '../scene/pods.ts'
import { controlNamespace } from '../scene/snapshot.ts'
import { Broken } from './broken.ts'
import type { ProbeClass } from './request.ts'

/** Port of the control Pods. */
export const controlPort = 8080

/** Whether the control Pods of two nodes can speak: what tells a broken path between nodes from a broken lab object. */
export interface ControlPath { from: string; to: string; class: ProbeClass; alive: boolean }

/**
 * Lets the control Pod of `fromNode` ask that of each other node, in the batch that is being collected now.
 * Rejects with `Broken` when a control Pod is missing, not Ready, not enterable, or does not even answer itself: then nothing may be concluded.
 */
export async function controlPaths(round: Round, fromNode: string, toNodes: Iterable<string>): Promise<ControlPath[]> {
  const client = controlPod(round, fromNode)
  return Promise.all([...new Set(toNodes)].map(async (to): Promise<ControlPath> => {
    const server = controlPod(round, to)
    // A server that is dead itself looks from afar like a broken path. Asked in the same moment: one after the other a dead path took two turns of both nodes.
    const [asked, itself] = await Promise.allSettled([
      askControl(round, { from: fromNode, client, server }), ...(to === fromNode ? [] : [askControl(round, { from: to, client: server, server })]),
    ])
    const path = valueOf(asked)
    // A Pod that asks itself sends nothing anywhere: when it gets no answer, the node is out of breath and no path is broken.
    const local = path.alive || !itself ? path : valueOf(itself)
    if (!local.alive) throw new Broken(`The control Pod on node ${to} does not even answer itself (${local.class}), so it shows nothing about the path from ${fromNode}.`, { hopeless: false })
    return { from: fromNode, to, class: path.class, alive: path.alive }
  }))
}

function valueOf<T>(ended: PromiseSettledResult<T>): T {
  if (ended.status === 'rejected') throw ended.reason
  return ended.value
}

/**
 * Connections that speak for a path: one lost in a moment says nothing of the path. Measured here on Weave, whose router forwards in a
 * process of its own: beside a second cluster on two processors one connection between control Pods stayed silent for its two seconds, and hundreds before
 * and after it did not.
 */
const connections = { count: 4, parallel: 4, timeoutMs: 2_000 }

async function askControl(round: Round, { from, client, server }: { from: string; client: Pod; server: Pod }): Promise<{ class: ProbeClass; alive: boolean }> {
  const result = await round.batcher.ask(from, {
    kind: 'http', from: { podUid: client.metadata.uid ?? '' }, target: `${server.status?.podIP}:${controlPort}`, ...connections,
  }, { forAll: true })
  return { class: result.class, alive: result.connections.some((one) => one.class === 'OK' && one.server?.nonce === one.nonce) }
}

/** The control Pod of a node. @throws Broken when it is missing or not Ready */
export function controlPod(round: Round, node: string): Pod {
  const pod = round.snapshot.pods.find((candidate) => candidate.metadata.namespace === controlNamespace && candidate.spec?.nodeName === node
    && candidate.metadata.deletionTimestamp === undefined && (candidate.metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'DaemonSet' && name === 'control'))
  if (!pod) throw new Broken(`The control Pod of node ${node} is gone from namespace ${controlNamespace}.`, { hopeless: false })
  // Phase Running and an address it also has between two crashes.
  if (!isBackend(pod)) throw new Broken(`The control Pod ${podName(pod)} on node ${node} is not Ready: ${stateOf(pod)}.`, { hopeless: false })
  return pod
}

/** Control paths as evidence, one line. */
export function controlEvidence(paths: readonly ControlPath[]): Evidence[] {
  if (paths.length === 0) return []
  const observed = paths.map(({ from, to, alive, class: how }) => `${from} → ${to} ${alive ? 'OK' : how === 'OK' ? 'answered by a stranger' : how}`).join(', ')
  return [{ witness: 'control', observed, expected: 'control Pods of these nodes answer each other', command: `hoplab kubectl -n ${controlNamespace} get pods -o wide` }]
}
