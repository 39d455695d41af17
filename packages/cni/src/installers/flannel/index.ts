import type { Deadline } from '@hoplab/core'
import type { CniImage } from '@hoplab/images'
import { daemonSetPending, type KubeClient, type KubeObject } from '@hoplab/kube'
import { chosenOptions, type CniCapabilities, type FlannelOptions } from '@hoplab/model'
import { networkFaults } from '../../faults/network-faults.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { flannelDaemonSet, flannelNamespace, flannelObjects } from './manifest.ts'

const images = ['flannel', 'flannelCniPlugin'] as const satisfies readonly CniImage[]

/**
 * Flannel: each node owns a /24 of the Pod range. By default packets between nodes travel in UDP 8472, VNI 1; with the backend `host-gw`, or
 * `directRouting`, as they are. No NetworkPolicy. flanneld of host-gw puts a lost route back every ten seconds, that of vxlan does not.
 */
export function flannelInstaller(options: FlannelOptions = {}): CniInstaller {
  const chosen = chosenOptions('flannel', options)
  return {
    name: 'flannel', ...(chosen ? { options: chosen } : {}),
    capabilities: {
      networkPolicy: false, bridge: 'cni0', plugin: 'flannel', ipam: 'per-node', agent: { namespace: flannelNamespace, name: flannelDaemonSet }, ...tunnelOf(options),
    },
    upstreamOnly: ['the backends wireguard, ipip, ipsec and udp'],
    images,
    // Measured: 0.7 GB for three nodes.
    memoryGiBPerNode: 0.25,
    probe: (source, deadline) => imagesReady(images, source, deadline),
    faults({ kube }, deadline) { return networkFaults(this, kube, deadline) },
    install: async ({ kube, podSubnet, images: names }, deadline) => {
      const [flannelImage, pluginImage] = [imageNamed('flannel', 'flannel', names), imageNamed('flannelCniPlugin', 'flannel', names)]
      const settings = { podSubnet, flannelImage, pluginImage, options }
      for (const object of flannelObjects(settings)) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [
      ...await daemonSetPending(kube, { namespace: flannelNamespace, name: flannelDaemonSet }, nodeCount, deadline),
      ...await nodesWithoutLease(kube, options.backend ?? 'vxlan', deadline),
    ],
  }
}

/** VXLAN over IPv4 adds 14 + 20 + 8 + 8 bytes (RFC 7348). Pods leave room for it wherever the device is, whether or not it carries anything. */
function tunnelOf({ backend, directRouting }: FlannelOptions): Pick<CniCapabilities, 'overlay' | 'overlayBetweenSubnets'> {
  if (backend === 'host-gw') return {}
  const vxlan = { kind: 'vxlan', device: 'flannel.1', port: 8472, vni: 1, overhead: 50 } as const
  return directRouting ? { overlayBetweenSubnets: vxlan } : { overlay: vxlan }
}

/** flanneld tells the other nodes in these annotations how its Pods are reached; without them they have no route there. */
async function nodesWithoutLease(kube: KubeClient, backend: string, deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  const said = (node: KubeObject, what: string): string | undefined => node.metadata.annotations?.[`flannel.alpha.coreos.com/backend-${what}`]
  return nodes.filter((node) => said(node, 'type') !== backend || !said(node, 'data'))
    .map((node) => `flanneld on ${node.metadata.name} has not announced how its Pods are reached by ${backend}`)
}
