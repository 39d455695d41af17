import { plainLine } from '@hoplab/core'
import { type OutsideFacts, outsideMachines, type ProbeOrigin, type ProbeTarget } from '@hoplab/model'
import { NotMet } from '../kinds/look.ts'
import { Broken } from '../probes/broken.ts'
import type { ProbeFrom } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Pod } from './kube-shapes.ts'
import { describePodRef, isRunning, podName, podsOf, stateOf } from './pods.ts'

/** One place requests start from. */
export interface Origin {
  /** `Pod first-packet/client` or `node worker-1`. */
  name: string
  /** Kubernetes Node name, or of a place outside the cluster the name that its shell is asked for. */
  node: string
  /** Whether it is outside of the cluster: no kube-proxy, no control Pod. @default false */
  outside?: boolean
  from: ProbeFrom
  /** Only for a Pod. */
  pod: Pod | undefined
  /** How a learner runs `command` at this place. */
  at: (command: string) => string
}

/** Every place a reference means: a node, the host on the internet, or each running Pod it names. Throws `NotMet` naming what is missing. */
export function originsOf(round: Round, origin: ProbeOrigin): Origin[] {
  if ('node' in origin) {
    const node = round.view.nodeName(origin.node)
    return [{ name: `node ${plainLine(origin.node)}`, node, from: { node: true }, pod: undefined, at: (command) => `hoplab shell node/${origin.node}, then: ${command}` }]
  }
  if ('outside' in origin) return [internetOrigin(outsideFactsOf(round).host)]
  const found = podsOf(round.snapshot, origin.pod, round.defaultNamespace).filter((pod) => pod.metadata.deletionTimestamp === undefined)
  const wanted = describePodRef(origin.pod, round.defaultNamespace)
  if (found.length === 0) throw new NotMet(`There is no ${wanted} to ask from.`, [{ witness: 'api', observed: 'no such Pod', expected: wanted, command: podsCommand(origin.pod.namespace ?? round.defaultNamespace) }])
  const idle = found.find((pod) => !isRunning(pod))
  if (idle) throw new NotMet(`Pod ${podName(idle)} is not running: ${stateOf(idle)}.`, [{ witness: 'api', observed: stateOf(idle), expected: 'Running', command: podsCommand(idle.metadata.namespace ?? '') }])
  return found.map(podOrigin)
}

/** The host beyond the gateway as a place to start from. */
const internetOrigin = (host: string): Origin => ({
  name: `the host on the internet (${host})`, node: outsideMachines.host, from: { node: true }, pod: undefined, outside: true,
  at: (command) => `hoplab shell outside/${outsideMachines.host}, then: ${command}`,
})

/** The lab's ways in and out. Rejects what asks for them where the lab has none. @throws Broken */
export function outsideFactsOf(round: Round): OutsideFacts {
  if (round.view.outside) return round.view.outside
  throw new Broken('This lab has no internet: its lab.yaml names no add-on of that name.', { hopeless: true })
}

/** A running Pod as a place to start from. */
export function podOrigin(pod: Pod): Origin {
  const { name, namespace, uid } = pod.metadata
  return {
    name: `Pod ${podName(pod)}`, node: pod.spec?.nodeName ?? '', from: { podUid: uid ?? '' }, pod,
    at: (command) => `hoplab kubectl -n ${namespace} exec ${name} -- ${command}`,
  }
}

/** How a learner lists Pods. */
export const podsCommand = (namespace: string): string => `hoplab kubectl -n ${namespace} get pods -o wide --show-labels`

/** Nodes whose kube-proxy decides where requests from `origins` to `target` go: none for a Pod's own address, which no rule of it changes; of a NodePort its node too. */
export function ruledOn(target: ProbeTarget, origins: readonly Origin[], { entry }: { entry?: string } = {}): string[] {
  const starts = nodesOf(origins)
  if (entry !== undefined) return [entry, ...starts]
  return 'service' in target || ('nobody' in target && target.nobody === 'cluster-ip') ? starts : []
}

/** Nodes that requests from these places start on; the host on the internet is on none. */
export const nodesOf = (origins: readonly Origin[]): string[] => origins.flatMap(({ node, outside }) => (outside ? [] : [node]))
