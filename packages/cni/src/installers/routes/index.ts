import type { Deadline } from '@hoplab/core'
import { daemonSetPending, type KubeClient } from '@hoplab/kube'
import { networkFaults } from '../../faults/network-faults.ts'
import { nodesWithoutRange } from '../../faults/pod-range.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { routesNamespace, routesObjects } from './manifest.ts'

/**
 * Routes and nothing else, as one would build a network by hand: the reference plugins `ptp` and `host-local` (and `portmap`), which every node of
 * kind has, and one plain route per other node. No overlay, no bridge, no NetworkPolicy. A shell script keeps it; it runs from the labs' own
 * workload image, which is in every node already.
 */
export function routesInstaller(): CniInstaller {
  const agent = { namespace: routesNamespace, name: 'routes' }
  return {
    name: 'routes',
    capabilities: { networkPolicy: false, plugin: 'ptp', ipam: 'per-node', agent },
    upstreamOnly: ['kindnet itself, the CNI of kind'],
    images: [],
    // As Flannel's, less flanneld.
    memoryGiBPerNode: 0.25,
    probe: (source, deadline) => imagesReady([], source, deadline),
    faults({ kube }, deadline) { return networkFaults(this, kube, deadline) },
    install: async ({ kube, podSubnet, images }, deadline) => {
      for (const object of routesObjects({ podSubnet, image: imageNamed('echo', 'routes', images) })) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [...await daemonSetPending(kube, agent, nodeCount, deadline), ...await rangesPending(kube, deadline)],
  }
}

/** Nobody can have a route to the Pods of such a node. */
async function rangesPending(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  return (await nodesWithoutRange(kube, deadline)).map((node) => `Kubernetes has given ${node} no range for its Pods`)
}
