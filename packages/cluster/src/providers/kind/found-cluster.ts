import { addonName, type NodeFacts } from '@hoplab/model'
import type { Deadline } from '@hoplab/core'
import { type ContainerFacts, findContainers, inspectContainers } from '../../engine/containers.ts'
import { networkNamed, type NetworkFacts } from '../../engine/networks.ts'
import { labels } from '@hoplab/core'
import { ofOtherHome } from '../../engine/marks.ts'
import { HOP_LAB_OF_OTHER_HOME, HOP_NAME_TAKEN } from '../../errors.ts'
import type { ClusterSpec } from '../../port.ts'
import { clusterName, gatewayName, internetNetworkName, kindClusterLabel, machineName, nodeNameOf, positions, toolboxName } from './names.ts'

/** @throws HOP_NAME_TAKEN when the engine has a network, cluster or container of a name we need that is not ours, HOP_LAB_OF_OTHER_HOME when it is hoplab's, but of another state folder. */
export async function refuseForeign(lab: string, workers: number, deadline: Deadline): Promise<void> {
  for (const network of await Promise.all([clusterName(lab), internetNetworkName(lab)].map((name) => networkNamed(name, deadline)))) {
    if (network && network.labels[labels.lab] !== lab) throw HOP_NAME_TAKEN({ what: 'network', name: network.name })
    if (network && ofOtherHome(lab, network.labels[labels.home])) throw HOP_LAB_OF_OTHER_HOME({ lab, thing: `network ${network.name}` })
  }
  const [kindNodes, named] = await Promise.all([
    findContainers([`label=${kindClusterLabel}=${clusterName(lab)}`], deadline),
    inspectContainers([gatewayName(lab), ...addonName.options.map((addon) => machineName(lab, addon)), ...positions(workers).flatMap((position) => [nodeNameOf(lab, position), toolboxName(lab, position)])], deadline),
  ])
  const foreign = [...kindNodes, ...named].find((container) => !isOurs(lab, container))
  if (foreign?.home !== undefined) throw HOP_LAB_OF_OTHER_HOME({ lab, thing: `container ${foreign.name}` })
  if (foreign) throw HOP_NAME_TAKEN({ what: 'container', name: foreign.name })
}

/**
 * Whether a container belongs to a lab of this state folder: it has the lab's label, or it is a node that kind made on the lab's own network.
 * kind lets nobody label its containers; a cluster of the same name that somebody else made is on another network. The network need not
 * exist any more: the engine may finish a container whose client was killed after its network was removed.
 */
export function isOurs(lab: string, container: ContainerFacts): boolean {
  const ofLab = container.labels[labels.lab] === lab || (container.labels[kindClusterLabel] === clusterName(lab) && container.network === clusterName(lab))
  return ofLab && !ofOtherHome(lab, container.home)
}

/** Nodes in the order of their positions, with the addresses they have now; undefined when one is missing or stopped. */
export function nodeFactsOf(spec: ClusterSpec, network: NetworkFacts, containers: readonly ContainerFacts[]): NodeFacts[] | undefined {
  const facts = positions(spec.workers).map((position): NodeFacts | undefined => {
    const name = nodeNameOf(spec.name, position)
    const container = containers.find((candidate) => candidate.name === name)
    if (!container?.running) return undefined
    return { name, role: position === 'control-plane' ? 'control-plane' : 'worker', address: container.addresses[network.name] ?? '' }
  })
  return facts.every((one) => one !== undefined) ? facts : undefined
}
