import type { Deadline } from '@hoplab/core'
import type { CniImage } from '@hoplab/images'
import { daemonSetPending } from '@hoplab/kube'
import { networkFaults } from '../../faults/network-faults.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { flannelDaemonSet, flannelNamespace, flannelObjects } from './manifest.ts'
export { flannelObjects, type FlannelSettings } from './manifest.ts'

const images = ['flannel', 'flannelCniPlugin'] as const satisfies readonly CniImage[]

/** Flannel with the VXLAN backend: each node owns a /24 of the Pod range, packets between nodes travel in UDP 8472, VNI 1. No NetworkPolicy. */
export function flannelInstaller(): CniInstaller {
  return {
    name: 'flannel',
    capabilities: {
      networkPolicy: false, bridge: 'cni0', plugin: 'flannel', ipam: 'per-node', agent: { namespace: flannelNamespace, name: flannelDaemonSet },
      // VXLAN over IPv4: 14 + 20 + 8 + 8 bytes (RFC 7348).
      overlay: { kind: 'vxlan', device: 'flannel.1', port: 8472, vni: 1, overhead: 50 },
    },
    images,
    // Measured: 0.7 GB for three nodes.
    memoryGiBPerNode: 0.25,
    probe: (source, deadline) => imagesReady(images, source, deadline),
    faults({ kube }, deadline) { return networkFaults(this, kube, deadline) },
    install: async ({ kube, podSubnet, images: names }, deadline) => {
      const [flannelImage, pluginImage] = [imageNamed('flannel', 'flannel', names), imageNamed('flannelCniPlugin', 'flannel', names)]
      const settings = { podSubnet, flannelImage, pluginImage }
      for (const object of flannelObjects(settings)) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [
      ...await daemonSetPending(kube, { namespace: flannelNamespace, name: flannelDaemonSet }, nodeCount, deadline),
      ...await nodesWithoutLease(kube, deadline),
    ],
  }
}

/** flanneld tells the other nodes its VTEP in this annotation; without it they have no route to this node's Pods. */
async function nodesWithoutLease(kube: Parameters<CniInstaller['pending']>[0]['kube'], deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.filter((node) => !node.metadata.annotations?.['flannel.alpha.coreos.com/backend-data'])
    .map((node) => `flanneld on ${node.metadata.name} has not announced its VXLAN endpoint`)
}
