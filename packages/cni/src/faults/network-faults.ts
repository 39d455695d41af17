import type { Deadline, HopError } from '@hoplab/core'
import { buildCommand } from '@hoplab/images'
import type { KubeClient } from '@hoplab/kube'
import { HOP_CNI_AGENT_CRASHING, HOP_CNI_IMAGE_MISSING, HOP_CNI_NODE_WITHOUT_RANGE } from '../errors.ts'
import type { CniInstaller } from '../port.ts'
import { containersDown } from './agent-containers.ts'
import { nodesWithoutRange } from './pod-range.ts'

/** The network that is looked at, as far as its faults depend on it; `also` are DaemonSets beside its agent. */
export type Looked = Pick<CniInstaller, 'name' | 'capabilities' | 'images'> & { also?: readonly { namespace: string; name: string }[] }

/**
 * Faults that every network can have, around those of its own: an image that a node lacks and a node without a range come first, for the others follow
 * from them; that the agent ends again and again comes last, for it may follow from any.
 */
export async function networkFaults({ name: cni, capabilities: { agent, ipam }, images, also = [] }: Looked, kube: KubeClient, deadline: Deadline, own: readonly HopError[] = []): Promise<HopError[]> {
  const down = (await Promise.all([agent, ...also].map((set) => containersDown(kube, set, deadline)))).flat()
  const [missing, ended] = (['image missing', 'ended'] as const).map((cause) => down.filter((one) => one.cause === cause)) as [typeof down, typeof down]
  const bare = ipam === 'per-node' ? await nodesWithoutRange(kube, deadline) : []
  const said = (ones: typeof down): string[] => [...new Set(ones.map((one) => one.said))]
  return [
    ...(missing[0] ? [HOP_CNI_IMAGE_MISSING({ cni, image: missing[0].image, said: said(missing), build: buildCommand(images) })] : []),
    ...(bare.length > 0 ? [HOP_CNI_NODE_WITHOUT_RANGE({ cni, nodes: bare })] : []),
    ...own,
    ...(ended[0] ? [HOP_CNI_AGENT_CRASHING({ cni, said: said(ended) })] : []),
  ]
}
