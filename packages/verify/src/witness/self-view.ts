import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { Broken } from '../probes/broken.ts'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { onNode } from '../scene/node-place.ts'
import { podOrigin } from '../scene/origin.ts'
import { isBackend, podName } from '../scene/pods.ts'
import { controlNamespace } from '../scene/snapshot.ts'
import { ipOf, normalIp } from './address.ts'
import { interfacesOf } from './inside.ts'
import { processesOf } from './runtime.ts'

/** One Pod's address as its own kernel and a peer see it; both equal to its status, or `NotMet` was thrown. */
export interface SelfView { pod: Pod; evidence: Evidence[] }

/** Lets a Pod look at itself and ask the control Pods of the other nodes (its own where there is no other) from where they are asked. */
export async function selfView(round: Round, pod: Pod): Promise<SelfView> {
  const node = pod.spec?.nodeName ?? ''
  if (pod.spec?.hostNetwork) throw new NotMet(`Pod ${podName(pod)} uses its node's network (hostNetwork), so it has no address of its own.`)
  const status = [...new Set([pod.status?.podIP ?? [], ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)].flat().map((ip) => normalIp(ip) ?? ip))].sort()
  const [inside, peers] = await Promise.all([insideView(round, pod), peerViews(round, pod)])
  const origin = podOrigin(pod)
  const evidence: Evidence[] = [
    { witness: 'api', command: `hoplab kubectl -n ${pod.metadata.namespace} get pod ${pod.metadata.name} -o jsonpath={.status.podIPs}`, observed: plainLine(status.join(', '), 100), expected: 'one address' },
    { witness: 'pod', command: onNode(round.view, node, `nsenter -t ${inside.pid} -n ip address show eth0`), observed: plainLine(`eth0 has ${inside.own.join(', ') || 'no address'}`, 200), expected: status.join(', ') },
    ...peers.views.map(({ peer, remote, address }): Evidence => ({ witness: 'peer', command: origin.at(`curl -s http://${address}:8080/`), observed: plainLine(`${podName(peer)} on ${peer.spec?.nodeName} was asked from ${remote}`, 200), expected: status.join(' or ') })),
    ...controlEvidence(peers.paths),
  ]
  if (inside.own.join() !== status.join()) throw new NotMet(`In Pod ${podName(pod)} eth0 has ${plainLine(inside.own.join(', '), 100) || 'no address'}; its status says ${status.join(', ')}.`, evidence)
  const dead = peers.paths.find(({ alive }) => !alive)
  if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken, so no peer there can say whence it is asked.`, evidence, `path ${dead.from} → ${dead.to}`)
  const silent = peers.views.find(({ remote }) => normalIp(remote) === undefined)
  if (silent) throw new NotMet(`Pod ${podName(pod)} does not reach the control Pod on ${silent.peer.spec?.nodeName} (${silent.remote}), though that node's own does.`, evidence)
  const other = peers.views.find(({ remote }) => !status.includes(remote))
  if (other) throw new NotMet(`The control Pod on ${other.peer.spec?.nodeName} is asked by Pod ${podName(pod)} from ${plainLine(other.remote, 60)}, not from ${status.join(' or ')}: something translates on the way.`, evidence)
  return { pod, evidence }
}

/** The container runtime always calls the Pod's own device eth0 (CRI: the default network's interface). */
async function insideView(round: Round, pod: Pod): Promise<{ pid: number; own: string[] }> {
  const { sandbox } = await processesOf(round, pod)
  const interfaces = await interfacesOf(round, pod.spec?.nodeName ?? '', sandbox.pid)
  const own = interfaces.filter(({ name }) => name === 'eth0').flatMap(({ addresses }) => addresses.filter(({ scope }) => scope === 'global').map(({ ip }) => ip)).sort()
  return { pid: sandbox.pid, own }
}

/** `remote` is the address the peer was asked from, or how the attempt ended. */
interface PeerView { peer: Pod; address: string; remote: string }

async function peerViews(round: Round, pod: Pod): Promise<{ views: PeerView[]; paths: Awaited<ReturnType<typeof controlPaths>> }> {
  const node = pod.spec?.nodeName ?? ''
  const controls = round.snapshot.pods.filter((peer) => peer.metadata.namespace === controlNamespace && isBackend(peer) && (peer.metadata.ownerReferences ?? []).some(({ kind, name }) => kind === 'DaemonSet' && name === 'control'))
  const far = controls.filter((peer) => peer.spec?.nodeName !== node)
  const peers = far.length > 0 ? far : controls
  if (peers.length === 0) throw new Broken('There is no control Pod that could be asked.', { hopeless: false })
  const [paths, ...views] = await Promise.all([
    controlPaths(round, node, peers.map((peer) => peer.spec?.nodeName ?? '')),
    ...peers.map(async (peer): Promise<PeerView> => {
      const address = peer.status?.podIP ?? ''
      const { connections: [connection] } = await round.batcher.ask(node, { kind: 'http', from: { podUid: pod.metadata.uid ?? '' }, target: `${address}:8080`, count: 1, parallel: 1, timeoutMs: 2_000 })
      const believed = connection?.class === 'OK' && connection.server?.nonce === connection.nonce
      return { peer, address, remote: believed ? ipOf(connection.server?.remote ?? '') : connection?.class ?? 'ERROR' }
    }),
  ])
  return { views, paths }
}
