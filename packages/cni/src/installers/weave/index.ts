import type { CniImage } from '@hoplab/images'
import { daemonSetPending } from '@hoplab/kube'
import { networkFaults } from '../../faults/network-faults.ts'
import { imageNamed, imagesReady } from '../../images.ts'
import type { CniInstaller } from '../../port.ts'
import { weaveName, weaveNamespace } from './access.ts'
import { faultsOfMesh, strayRange } from './faults.ts'
import { weaveObjects } from './manifest.ts'
import { peersPending } from './peers.ts'

const images = ['weave'] as const satisfies readonly CniImage[]

/** See {@link weaveInstaller}. */
export interface WeaveOptions {
  /** Encrypts what peers send each other, with a key made from this; kept in a Secret of the cluster. @default none: it travels as it is */
  password?: string
}

/** Bytes that sleeve adds to a packet: 20 + 8 (IPv4, UDP), 6 (the sender's name), 14 (a frame's two names and length), 14 (Ethernet); encrypted 24 more. */
const overhead = { plain: 62, encrypted: 86 }

/**
 * Weave Net 2.6.5 of 2020, whose makers are gone: each node's `weaver` is a peer of a mesh and carries frames of Pods to other nodes in UDP 6783 ("sleeve"),
 * read from and written to the bridge `weave` in user space, and so slowly. The peers share the Pod range out among themselves. weave-npc enforces
 * NetworkPolicy. The faster path through Open vSwitch is not used. Home-built only, and run on amd64 alone.
 */
export function weaveInstaller({ password }: WeaveOptions = {}): CniInstaller {
  const agent = { namespace: weaveNamespace, name: weaveName }
  return {
    name: 'weave',
    capabilities: {
      networkPolicy: true, plugin: 'weave-net', ipam: 'cluster-wide', bridge: 'weave', agent,
      overlay: { kind: 'udp', port: 6783, ...(password === undefined ? { overhead: overhead.plain } : { overhead: overhead.encrypted, encrypted: true }) },
    },
    upstreamOnly: ['fast datapath (Open vSwitch)'],
    images,
    // Measured: 1.0 GiB for three nodes, more than half of it the control plane.
    memoryGiBPerNode: 0.4,
    probe: (source, deadline) => imagesReady(images, source, deadline),
    install: async ({ kube, podSubnet, nodeCount = 0, images: names }, deadline) => {
      const image = imageNamed('weave', 'weave', names)
      for (const object of weaveObjects({ podSubnet, nodeCount, image, password })) await kube.apply(object, deadline)
    },
    pending: async ({ kube, nodeCount }, deadline) => [
      ...await daemonSetPending(kube, agent, nodeCount, deadline), ...await peersPending(kube, deadline), ...(await strayRange(kube, deadline))?.said ?? [],
    ],
    async faults({ kube }, deadline) { return networkFaults(this, kube, deadline, await faultsOfMesh(kube, deadline)) },
  }
}
