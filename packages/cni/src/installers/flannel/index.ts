import { defineError, type Deadline } from '@hoplab/core'
import { imagesReady } from '../../images-ready.ts'
export { flannelObjects, type FlannelSettings } from './manifest.ts'
import { daemonSetPending } from '@hoplab/kube'
import type { CniInstaller } from '../../port.ts'
import { flannelDaemonSet, flannelNamespace, flannelObjects } from './manifest.ts'

/** The image set has no image for a part of the CNI. */
export const HOP_CNI_IMAGE_UNNAMED = defineError<{ cni: string; key: string }>('HOP_CNI_IMAGE_UNNAMED', {
  exitCode: 3,
  what: (p) => `No image is named for "${p.key}", which ${p.cni} needs.`,
  why: 'The image source in use does not offer this CNI.',
  fix: 'Run "hoplab images list", then "hoplab images build".',
  state: 'Nothing was installed.',
})

/** Flannel with the VXLAN backend: each node owns a /24 of the Pod range, packets between nodes travel in UDP 8472, VNI 1. No NetworkPolicy. */
export function flannelInstaller(): CniInstaller {
  return {
    name: 'flannel',
    capabilities: {
      networkPolicy: false, bridge: 'cni0', plugin: 'flannel', agent: { namespace: flannelNamespace, name: flannelDaemonSet },
      // VXLAN over IPv4: 14 + 20 + 8 + 8 bytes (RFC 7348).
      overlay: { kind: 'vxlan', device: 'flannel.1', port: 8472, vni: 1, overhead: 50 },
    },
    probe: imagesReady,
    install: async ({ kube, podSubnet, images }, deadline) => {
      const settings = { podSubnet, flannelImage: imageOf(images, 'flannel'), pluginImage: imageOf(images, 'flannelCniPlugin') }
      for (const object of flannelObjects(settings)) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [
      ...await daemonSetPending(kube, { namespace: flannelNamespace, name: flannelDaemonSet }, nodeCount, deadline),
      ...await nodesWithoutLease(kube, deadline),
    ],
  }
}

function imageOf(images: Record<string, string>, key: string): string {
  const image = images[key]
  if (image === undefined) throw HOP_CNI_IMAGE_UNNAMED({ cni: 'flannel', key })
  return image
}

/** flanneld tells the other nodes its VTEP in this annotation; without it they have no route to this node's Pods. */
async function nodesWithoutLease(kube: Parameters<CniInstaller['pending']>[0]['kube'], deadline: Deadline): Promise<string[]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.filter((node) => !node.metadata.annotations?.['flannel.alpha.coreos.com/backend-data'])
    .map((node) => `flanneld on ${node.metadata.name} has not announced its VXLAN endpoint`)
}
