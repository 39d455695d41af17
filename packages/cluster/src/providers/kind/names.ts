import { namePrefix } from '@hoplab/core'
import type { AddonName } from '@hoplab/model'
import { HOP_NODE_UNKNOWN } from '../../errors.ts'

/** Label that kind puts on node containers; its value is the cluster's name. */
export const kindClusterLabel = 'io.x-k8s.kind.cluster'

/** Name of the kind cluster and of the Docker network. */
export const clusterName = (lab: string): string => `${namePrefix}${lab}`
/** The lab that a cluster name belongs to. */
export const labOf = (cluster: string): string => cluster.slice(namePrefix.length)
export const gatewayName = (lab: string): string => `${clusterName(lab)}-gateway`
/** Name of the network beyond the gateway. */
export const internetNetworkName = (lab: string): string => `${clusterName(lab)}-internet`
/** Name of an add-on's container. */
export const machineName = (lab: string, addon: AddonName): string => `${clusterName(lab)}-${addon}-machine`
export const toolboxName = (lab: string, position: string): string => `${clusterName(lab)}-toolbox-${position}`

/** Positions of a cluster: `control-plane`, `worker-1`, …, in the order in which everything lists nodes. */
export const positions = (workers: number): string[] => ['control-plane', ...Array.from({ length: workers }, (_, index) => `worker-${index + 1}`)]

/** Container name, which is also the Node name: kind counts `worker`, `worker2`, `worker3`. */
export function nodeNameOf(lab: string, position: string): string {
  const worker = /^worker-(\d+)$/u.exec(position)?.[1]
  return `${clusterName(lab)}-${worker === undefined ? position : worker === '1' ? 'worker' : `worker${worker}`}`
}

/** Position of a node given by position or Node name. @throws HOP_NODE_UNKNOWN */
export function positionOf(lab: string, workers: number, asked: string): string {
  const known = positions(workers)
  const found = known.find((position) => position === asked || nodeNameOf(lab, position) === asked)
  if (found === undefined) throw HOP_NODE_UNKNOWN({ asked, known })
  return found
}
