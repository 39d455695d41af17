import type { Deadline, HopError } from '@hoplab/core'
import type { CniImage } from '@hoplab/images'
import type { KubeClient } from '@hoplab/kube'
import type { CniCapabilities, CniName, CniOptions, ClusterNeeds, ImageSource } from '@hoplab/model'

/** Installs one CNI plugin. Structurally a `NetworkInstaller` of `@hoplab/cluster`. */
export interface CniInstaller {
  readonly name: CniName
  /** What was chosen of its options; missing where it does everything as by default. */
  readonly options?: CniOptions
  /** What the network is like once it is installed; checks and faults look for these devices and objects. */
  readonly capabilities: CniCapabilities
  /** Images it needs beside those of every cluster. They are in the engine, and those of its Pods in every node, before `install` is called. */
  readonly images: readonly CniImage[]
  /** What the cluster must be made with. @default nothing */
  readonly clusterNeeds?: ClusterNeeds
  /** What upstream's own builds can do and this installer does not offer, in upstream's words. @default nothing */
  readonly upstreamOnly?: readonly string[]
  /** Memory that a node takes with this plugin and CoreDNS at work, in GiB. */
  readonly memoryGiBPerNode: number
  /** Whether it can be installed here with images of this source; reasons and fixes when not. */
  probe(source: ImageSource, deadline: Deadline): Promise<Probed>
  /** Applies the plugin; returns without waiting for its roll-out. Safe to repeat. @throws HOP_CNI_IMAGE_UNNAMED before anything is written */
  install(target: InstallTarget, deadline: Deadline): Promise<void>
  /** Empty when rolled out on all `nodeCount` nodes, else what is missing, one reason each. */
  pending(target: { kube: KubeClient; nodeCount: number }, deadline: Deadline): Promise<string[]>
  /**
   * Why a network that is still pending will stay so: faults that time does not mend, each with a code, what shows it and a fix, the one to mend first at
   * the beginning. Empty when none is known. Ask once patience is over: what is only late looks the same for a while.
   */
  faults(target: { kube: KubeClient }, deadline: Deadline): Promise<HopError[]>
}

/** The cluster that a plugin is installed into. */
export interface InstallTarget {
  kube: KubeClient
  /** Addresses of Pods, as CIDR; Kubernetes gives each node a part of it. With `ipam: node-network` it is the network of the nodes. */
  podSubnet: string
  /** Nodes that the cluster will have; some join later. @default as many as there are when an agent starts */
  nodeCount?: number
  /** Names of the cluster's images by key: those of every cluster (`echo`, …) and the plugin's own. */
  images: Readonly<Record<string, string>>
}

/** See {@link CniInstaller.probe}. */
export type Probed = { ready: true } | { ready: false; reasons: { what: string; fix: string }[] }
