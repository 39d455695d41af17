import { type Deadline, plainLine } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { weaveName, weaveNamespace } from './access.ts'

/** Where kube-utils writes down every peer with its node. */
const listed = 'kube-peers.weave.works/peers'

/** Nodes whose peer is not written down, two peers of one name, and of each Pod that is not ready what it says that it lacks. Empty when nothing. */
export async function peersPending(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const [map, nodes, reasons] = await Promise.all([
    kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: weaveNamespace, name: weaveName }, deadline), kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline),
    unreadyPods(kube, deadline),
  ])
  const peers = peersIn(map?.metadata.annotations?.[listed])
  const nameOn = (node: string): string | undefined => peers.find(({ NodeName }) => NodeName === node)?.PeerName
  return [...reasons, ...nodes.flatMap(({ metadata: { name } }) => {
    const own = nameOn(name)
    if (own === undefined) return [`${weaveName} on ${name} has not joined the mesh`]
    const twin = nodes.find((other) => other.metadata.name < name && nameOn(other.metadata.name) === own)
    return twin ? [`${weaveName} on ${name} and on ${twin.metadata.name} is the same peer (${own}): they never connect`] : []
  })]
}

interface Peer { PeerName: string; NodeName: string }

/** What is no list of peers counts as none. */
function peersIn(text = '{}'): Peer[] {
  try {
    const { Peers: peers } = JSON.parse(text) as { Peers?: Peer[] }
    return Array.isArray(peers) ? peers : []
  } catch {
    return []
  }
}

interface PodStatus { conditions?: { type: string; status: string }[] }
interface Unhealthy { message?: string; involvedObject?: { name?: string }; lastTimestamp?: string }

async function unreadyPods(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: weaveNamespace, labelSelector: `name=${weaveName}` }, deadline)
  const unready = pods.filter((pod) => !(pod.status as PodStatus | undefined)?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
  if (unready.length === 0) return []
  const events = await kube.list({ apiVersion: 'v1', kind: 'Event', namespace: weaveNamespace, fieldSelector: 'reason=Unhealthy' }, deadline)
  return unready.map((pod) => `${weaveName} on ${nodeOf(pod)} is not ready${lastWord(pod, events)}`)
}

const nodeOf = (pod: KubeObject): string => (pod.spec as { nodeName?: string } | undefined)?.nodeName ?? 'no node'

/** What a Pod's probe said last; an event is kept up to date as long as it says the same. */
function lastWord({ metadata: { name } }: KubeObject, events: readonly KubeObject[]): string {
  const own = (events as unknown as Unhealthy[]).filter(({ involvedObject }) => involvedObject?.name === name)
  const message = own.toSorted((one, other) => (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? '')).at(-1)?.message
  return message === undefined ? '' : `: ${plainLine(message.replace(/^Readiness probe failed: /u, ''), 200)}`
}
