import type { NodeFacts } from '@hoplab/model'
import type { Deadline } from '@hoplab/core'
import { type ContainerFacts, findContainers, inspectContainers } from '../../engine/containers.ts'
import { networkNamed, type NetworkFacts } from '../../engine/networks.ts'
import { labels } from '@hoplab/core'
import { HOP_NAME_TAKEN } from '../../errors.ts'
import type { ClusterSpec } from '../../port.ts'
import { clusterName, gatewayName, kindClusterLabel, nodeNameOf, positions, toolboxName } from './names.ts'

/** @throws HOP_NAME_TAKEN when the engine has a network, cluster or container of a name we need that is not ours. */
export async function refuseForeign(lab: string, workers: number, deadline: Deadline): Promise<void> {
  const network = await networkNamed(clusterName(lab), deadline)
  if (network && network.labels[labels.lab] !== lab) throw HOP_NAME_TAKEN({ what: 'network', name: network.name })
  const [kindNodes, named] = await Promise.all([
    findContainers([`label=${kindClusterLabel}=${clusterName(lab)}`], deadline),
    inspectContainers([gatewayName(lab), ...positions(workers).flatMap((position) => [nodeNameOf(lab, position), toolboxName(lab, position)])], deadline),
  ])
  const isOurs = (container: ContainerFacts): boolean =>
    container.labels[labels.lab] === lab || (network !== undefined && container.labels[kindClusterLabel] === clusterName(lab) && container.addresses[network.name] !== undefined)
  const foreign = [...kindNodes, ...named].find((container) => !isOurs(container))
  if (foreign) throw HOP_NAME_TAKEN({ what: 'container', name: foreign.name })
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
