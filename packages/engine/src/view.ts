import type { RunningCluster } from '@hoplab/cluster'
import type { LabView } from '@hoplab/verify'
import type { FullSpec } from './spec.ts'

/** The cluster as the verifier sees it. Only the lab's own images may speak for themselves. */
export function viewOf(cluster: RunningCluster, spec: FullSpec): LabView {
  const { podSubnet, serviceSubnet } = cluster.spec
  return {
    networkFacts: { cni: spec.installer.name, ...spec.installer.capabilities, proxyMode: spec.proxyMode, podSubnet, serviceSubnet },
    kube: cluster.kube,
    nodes: cluster.nodes,
    nodeName: (position) => cluster.nodeName(position),
    shell: (node) => cluster.toolbox(node),
    namespaces: spec.lab.file.namespaces,
    trustedImages: Object.values(spec.images),
    ...(cluster.outside ? { outside: cluster.outside } : {}),
    nobody: (sort, deadline) => cluster.nobody(sort, deadline),
  }
}
