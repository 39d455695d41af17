import { plainLine } from '@hoplab/core'
import type { Evidence } from '@hoplab/model'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { clusterIpOf } from '../scene/services.ts'
import { normalIp } from '../witness/address.ts'
import { isIn, overlap } from '../witness/ranges.ts'
import { selfView } from '../witness/self-view.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `addresses`: addresses are unique, come from the right pool, and pools do not overlap. Of Pods that are named, the address in the Pod's own network
 * namespace, in its status and in the eyes of a peer on another node is one: the kubelet's word alone, which status, /etc/hosts and the downward API
 * all repeat, is a single source. Known false fail: finished Pods, whose recorded addresses belong to others by now; a plugin that does not take
 * addresses from its node's range. Known false pass: the ranges of a configuration file; here the addresses that exist are compared.
 */
export const addresses: CheckKind<'addresses'> = {
  async look(spec, round) {
    const holders = holdersIn(round)
    const pools = await poolsOf(round)
    requireUnique(holders)
    requirePools(round, holders, pools)
    requireApart(round, holders)
    const evidence = holders.map(({ ip, pod }): Evidence => ({ witness: 'api', command: 'hoplab kubectl get pods -A -o wide', observed: `${podName(pod)} on ${pod.spec?.nodeName}: ${plainLine(ip, 40)}`, expected: `in ${poolFor(round, pools, pod).join(' or ')}` }))
    const views = spec.pods === undefined ? [] : await Promise.all(runningPods(round, spec.pods).map((pod) => selfView(round, pod)))
    const { podSubnet, serviceSubnet } = round.view.networkFacts
    const own = views.length === 0 ? '' : ` ${views.map(({ pod }) => `Pod ${podName(pod)}`).join(', ')} ${views.length === 1 ? 'has' : 'have'} the same address in the Pod, in its status and for a peer.`
    return { state: 'green', nodes: [], evidence: [...views.flatMap((view) => view.evidence), ...evidence], why: `${holders.length} addresses of running Pods are unique and in their pools (${podSubnet}), apart from Services (${serviceSubnet}) and nodes.${own}` }
  },
}

interface Holder { ip: string; pod: Pod }

/** Running Pods with networks of their own: a finished one's recorded address may be another's by now, and Pods on the host's network share the node's. */
function holdersIn(round: Round): Holder[] {
  const own = round.snapshot.pods.filter((pod) => pod.status?.phase === 'Running' && pod.spec?.hostNetwork !== true)
  const holders = own.flatMap((pod) => [...new Set([pod.status?.podIP ?? [], ...(pod.status?.podIPs ?? []).map(({ ip }) => ip)].flat())].map((ip) => ({ ip: normalIp(ip) ?? ip, pod })))
  if (holders.length === 0) throw new NotMet('No Pod with a network of its own is running, so there is no address to judge.')
  return holders
}

function requireUnique(holders: readonly Holder[]): void {
  for (const [index, { ip, pod }] of holders.entries()) {
    const other = holders.slice(index + 1).find((candidate) => candidate.ip === ip)
    if (other) throw new NotMet(`Pods ${podName(pod)} and ${podName(other.pod)} have one address, ${plainLine(ip, 40)}.`, [pod, other.pod].map((one) => ({ witness: 'api', command: `hoplab kubectl -n ${one.metadata.namespace} get pod ${one.metadata.name} -o wide`, observed: `${podName(one)} on ${one.spec?.nodeName}: ${plainLine(ip, 40)}`, expected: 'an address of its own' })))
  }
}

/** Ranges by node name. */
type Pools = ReadonlyMap<string, readonly string[]>

async function poolsOf(round: Round): Promise<Pools> {
  const nodes = await round.view.kube.list({ apiVersion: 'v1', kind: 'Node' }, round.deadline)
  return new Map(nodes.map((node) => { const { podCIDR, podCIDRs } = (node.spec ?? {}) as { podCIDR?: string; podCIDRs?: string[] }; return [node.metadata.name, podCIDRs ?? (podCIDR === undefined ? [] : [podCIDR])] }))
}

const poolFor = (round: Round, pools: Pools, pod: Pod): readonly string[] =>
  (round.view.networkFacts.ipam === 'per-node' ? pools.get(pod.spec?.nodeName ?? '') ?? [] : [round.view.networkFacts.podSubnet])

function requirePools(round: Round, holders: readonly Holder[], pools: Pools): void {
  for (const { ip, pod } of holders) {
    const pool = poolFor(round, pools, pod)
    const observed: Evidence = { witness: 'api', command: 'hoplab kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.spec.podCIDRs', observed: plainLine(`${podName(pod)} on ${pod.spec?.nodeName} has ${ip}; the pool is ${pool.join(', ') || 'empty'}`, 200), expected: 'an address from the pool' }
    if (!pool.some((range) => isIn(ip, range))) throw new NotMet(`Pod ${podName(pod)} has the address ${plainLine(ip, 40)}, which is not from ${pool.length === 0 ? `a pool of ${pod.spec?.nodeName}: that has none` : pool.join(' or ')}.`, [observed])
  }
}

/** Pools apart from each other, by what was asked for and by every address that exists. */
function requireApart(round: Round, holders: readonly Holder[]): void {
  const { podSubnet, serviceSubnet } = round.view.networkFacts
  if (overlap(podSubnet, serviceSubnet)) throw new NotMet(`The addresses of Pods (${podSubnet}) and Services (${serviceSubnet}) overlap.`)
  for (const { name, address } of round.view.nodes) {
    const range = [podSubnet, serviceSubnet].find((one) => isIn(address, one))
    if (range !== undefined && round.view.networkFacts.ipam !== 'node-network') throw new NotMet(`Node ${name} has the address ${address}, inside ${range}.`, [], `node ${name}`)
  }
  const nodes = new Map(round.view.nodes.map(({ name, address }) => [address, name]))
  const services = new Map(round.snapshot.services.flatMap((service) => { const ip = clusterIpOf(service); return ip === undefined ? [] : [[ip, `${service.metadata.namespace}/${service.metadata.name}`] as const] }))
  for (const { ip, pod } of holders) {
    const owner = nodes.get(ip) ?? services.get(ip)
    if (owner !== undefined) throw new NotMet(`Pod ${podName(pod)} and ${plainLine(owner, 140)} have one address, ${plainLine(ip, 40)}.`)
    if (isIn(ip, serviceSubnet)) throw new NotMet(`Pod ${podName(pod)} has the address ${plainLine(ip, 40)}, which is one for Services (${serviceSubnet}).`)
  }
  const stray = [...services].find(([ip]) => isIn(ip, podSubnet))
  if (stray) throw new NotMet(`Service ${plainLine(stray[1], 140)} has the address ${plainLine(stray[0], 40)}, which is one for Pods (${podSubnet}).`)
}
