import type { Deadline } from '@hoplab/core'
import { type CniImage, readImageFile } from '@hoplab/images'
import { daemonSetPending, type KubeClient } from '@hoplab/kube'
import { type CalicoOptions, chosenOptions } from '@hoplab/model'
import { networkFaults } from '../../faults/network-faults.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { calicoNamespace } from './access.ts'
import { crdsIn } from './crds.ts'
import { calicoDaemonSet, calicoObjects } from './manifest.ts'

const images = ['calicoNode', 'calicoCni', 'calicoCrds'] as const satisfies readonly CniImage[]

/** What was chosen of Calico, and where the YAML of its kinds comes from. */
export interface CalicoSettings extends CalicoOptions {
  /** @default the file /crds.yaml of the image in the engine */
  readCrds?: (image: string, deadline: Deadline) => Promise<string>
}

/**
 * Calico 3.28 with VXLAN between nodes: UDP 4789, VNI 4096; with `CrossSubnet` only between nodes of different networks. Addresses from blocks of 64 that each node takes from one pool, a route for each Pod and
 * no bridge. Felix enforces NetworkPolicy with iptables. Kubernetes is its datastore; no Typha, no BGP, no kube-controllers.
 */
export function calicoInstaller({ readCrds = (image, deadline) => readImageFile(image, '/crds.yaml', deadline), ...options }: CalicoSettings = {}): CniInstaller {
  const chosen = chosenOptions('calico', options)
  // VXLAN over IPv4: 14 + 20 + 8 + 8 bytes (RFC 7348).
  const vxlan = { kind: 'vxlan', device: 'vxlan.calico', port: 4789, vni: 4096, overhead: 50 } as const
  const agent = { namespace: calicoNamespace, name: calicoDaemonSet }
  return {
    name: 'calico', ...(chosen ? { options: chosen } : {}),
    capabilities: { networkPolicy: true, plugin: 'calico', ipam: 'cluster-wide', agent, ...(options.vxlanMode === 'CrossSubnet' ? { overlayBetweenSubnets: vxlan } : { overlay: vxlan }) },
    upstreamOnly: ['IP in IP', 'BGP between nodes', 'eBPF data plane', 'nftables data plane', 'WireGuard'],
    images,
    // Measured: 1.6 GB for three nodes.
    memoryGiBPerNode: 0.55,
    probe: (source, deadline) => imagesReady(images, source, deadline),
    faults({ kube }, deadline) { return networkFaults(this, kube, deadline) },
    install: async ({ kube, podSubnet, images: names }, deadline) => {
      const [nodeImage, cniImage, crdsImage] = [imageNamed('calicoNode', 'calico', names), imageNamed('calicoCni', 'calico', names), imageNamed('calicoCrds', 'calico', names)]
      const kinds = crdsIn(await readCrds(crdsImage, deadline))
      for (const object of [...kinds, ...calicoObjects({ podSubnet, nodeImage, cniImage, ...options })]) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [...await daemonSetPending(kube, agent, nodeCount, deadline), ...await nodesWithoutTunnel(kube, deadline)],
  }
}

/** The other nodes learn the end of a node's tunnel from this annotation; without it they have no route to its Pods. */
async function nodesWithoutTunnel(kube: KubeClient, deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.filter((node) => !node.metadata.annotations?.['projectcalico.org/IPv4VXLANTunnelAddr']).map((node) => `calico-node on ${node.metadata.name} has no address for its tunnel yet`)
}
