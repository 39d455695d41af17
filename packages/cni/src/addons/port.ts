import type { Deadline } from '@hoplab/core'
import type { CniImage } from '@hoplab/images'
import type { KubeClient } from '@hoplab/kube'
import type { AddonName } from '@hoplab/model'

/** A way into or out of a cluster: a machine of its own beside the nodes where it needs one, and what the cluster's API must hold for it. Structurally an `AddonInstaller` of `@hoplab/cluster`. */
export interface Addon {
  readonly name: AddonName
  /** Add-ons that a cluster with this one must have too. */
  readonly needs: readonly AddonName[]
  /** Images of its machine and its Pods; they are in the engine, and those of Pods in the nodes, before they are needed. */
  readonly images: readonly CniImage[]
  /** Its namespaces in the cluster, whose objects a reset puts back. @default none */
  readonly namespaces?: readonly string[]
  /** The machine, as data: whoever makes the cluster starts it and takes it away. @default it has none @throws HOP_CNI_IMAGE_UNNAMED */
  machine?(plan: OutsidePlan, images: Readonly<Record<string, string>>): Machine
  /**
   * Writes what the API must hold and gives the files that the machine needs; safe to repeat.
   * @param target.apiServer address of the API server as the machine reaches it
   * @param target.images names of images by key @throws HOP_CNI_IMAGE_UNNAMED
   */
  install(target: { kube: KubeClient; apiServer: string; images: Readonly<Record<string, string>> }, deadline: Deadline): Promise<MachineFile[]>
  /** Empty when it works, else what is missing, one reason each. @param onMachine runs a program on its machine; without one, on the host on the internet */
  pending(onMachine: OnMachine, deadline: Deadline, kube: KubeClient): Promise<string[]>
}

/** Addresses on the network beyond the gateway, without prefix length. */
export interface OutsidePlan {
  /** The host that Pods ask and that asks back. */
  host: string
  /** The load balancer's own. */
  loadBalancer: string
  /** First and last of those that it may give away. */
  pool: readonly [string, string]
}

/** A container beside the nodes. */
export interface Machine {
  image: string
  /** Its address beyond the gateway. */
  address: string
  /** Whether it is attached to the nodes' network as well. */
  reachesNodes: boolean
  environment: Readonly<Record<string, string>>
  /** Linux capabilities beside the engine's own set. */
  capabilities: readonly string[]
  /** @default what the image runs */
  argv?: readonly string[]
}

/** A file on a machine, readable by root alone. */
export interface MachineFile { path: string; text: string }

/** Runs a program on an add-on's machine. */
export type OnMachine = (argv: readonly string[]) => Promise<{ exitCode: number; stdout: string; stderr: string }>
