import type { Deadline, HopError } from '@hoplab/core'
import type { KubeClient } from '@hoplab/kube'
import { HOP_CNI_NO_QUORUM, HOP_CNI_RANGE_DIFFERS } from '../../errors.ts'
import { podRangeOfCluster } from '../../faults/pod-range.ts'
import { weaveName, weaveNamespace } from './access.ts'
import { peersPending } from './peers.ts'

/** What only Weave can suffer from: another range than the cluster's, and peers that are too few to agree. */
export async function faultsOfMesh(kube: KubeClient, deadline: Deadline): Promise<HopError[]> {
  const [stray, lacking] = await Promise.all([strayRange(kube, deadline), peersPending(kube, deadline)])
  // Of weaver's own status: until most of the peers it was told of have spoken, it gives nobody an address.
  const undecided = lacking.filter((reason) => reason.includes('awaiting consensus'))
  return [
    ...(stray ? [HOP_CNI_RANGE_DIFFERS({ cni: 'weave', ...stray })] : []),
    ...(undecided.length > 0 ? [HOP_CNI_NO_QUORUM({ said: undecided })] : []),
  ]
}

interface Router { name: string; env?: { name: string; value?: string }[] }

/** The range that the peers share out, where it is another than the cluster's: kube-proxy would take their Pods for strangers. */
export async function strayRange(kube: KubeClient, deadline: Deadline): Promise<{ said: string[]; wanted: string } | undefined> {
  const [wanted, set] = await Promise.all([
    podRangeOfCluster(kube, deadline), kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: weaveNamespace, name: weaveName }, deadline),
  ])
  const routers = (set?.spec as { template?: { spec?: { containers?: Router[] } } } | undefined)?.template?.spec?.containers ?? []
  const has = routers.flatMap(({ env = [] }) => env).find(({ name }) => name === 'POD_SUBNET')?.value
  if (wanted === undefined || has === undefined || has === wanted) return undefined
  return { said: [`POD_SUBNET of DaemonSet ${weaveNamespace}/${weaveName} is ${has}, the cluster's Pods are in ${wanted} (ConfigMap kube-system/kubeadm-config)`], wanted }
}
