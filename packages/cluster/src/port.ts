import type { Deadline, HopError, Progress } from '@hoplab/core'
import type { CniImage } from '@hoplab/images'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { AddonName, ClusterFacts, ClusterNeeds, CniCapabilities, CniName, ImageSource, NodeFacts, OutsideFacts, ProxyMode } from '@hoplab/model'

/** Everything that decides how a cluster is made. Its content hash tells whether a running one may be reused. */
export interface ClusterSpec {
  /** Lab instance name; the kind cluster and the Docker network are called `hoplab-<name>`. */
  name: string
  workers: number
  cni: CniName
  /** Options of the CNI as the command line takes them, e.g. `backend=host-gw`. @default those that the CNI has by itself */
  cniOptions?: string
  proxyMode: ProxyMode
  images: ImageSource
  /** Pods of the cluster. Of a running one whose Pods live in the network of its nodes: that network. @default 10.244.0.0/16 */
  podSubnet: string
  /** ClusterIPs. @default 10.96.0.0/16 */
  serviceSubnet: string
  /** Leave the way to the outside open (`up --internet`). */
  internet: boolean
  /** Ways in and out beside the nodes. @default none */
  addons?: readonly AddonName[]
}

/** Result of a program in a toolbox: the engine's own exit code. */
export interface ToolboxResult { exitCode: number; stdout: string; stderr: string; durationMs: number }

/** A privileged container in the network and process namespaces of one node: sees everything there, invisible to the cluster's API. */
export interface Toolbox {
  /** Kubernetes Node name. */
  readonly node: string
  /** Runs argv in the node's network namespace.
   *  @throws HOP_TOOLBOX_GONE (exit 3) when the container or the engine does not answer. */
  exec(argv: readonly string[], options: { deadline: Deadline; input?: string }): Promise<ToolboxResult>
}

/** What `waitReady` or a reset found different from the hand-over. */
export interface Difference { where: string; what: string; baseline: string; now: string }

/** State of the lab at hand-over, for reset. */
export interface Baseline {
  takenAt: string
  /** Objects of the lab's namespaces and the cluster's own configuration that a lab may change. */
  objects: KubeObject[]
  /** Per node name: one normalized text per aspect (`links`, `addresses`, `routes`, `rules`, `fdb`, `sysctls`, `conflists`, `iptables`, `nftables`, `units`, `manifests`). */
  nodes: Record<string, Record<string, string>>
}

/** A cluster that is up. Disposing it only lets go of connections; `destroy` removes it. */
export interface RunningCluster extends AsyncDisposable {
  readonly spec: ClusterSpec
  readonly runId: string
  readonly nodes: readonly NodeFacts[]
  readonly kubeconfig: string
  readonly kube: KubeClient
  /** Where its ways in and out are; undefined without add-ons. */
  readonly outside?: OutsideFacts
  /** @param node Kubernetes Node name, a machine of {@link outside} (`internet`, `gateway`, `load-balancer`), or `control-plane`, `worker-1`, `worker-2`, … by position */
  toolbox(node: string): Toolbox
  /** Node name for a position such as `worker-1`. @throws HOP_NODE_UNKNOWN (exit 2) */
  nodeName(position: string): string
  facts(): ClusterFacts
  /** An address of each sort that nothing in this cluster answers at. */
  nobody(sort: 'cluster-ip' | 'pod-ip' | 'gateway' | 'link-local' | 'public', deadline: Deadline): Promise<string>
  /** True only when all of it holds: Nodes Ready by count, CNI rolled out, CoreDNS answers, a request across every node pair. */
  health(deadline: Deadline): Promise<{ ok: boolean; reasons: string[] }>
  /** Stores objects of `namespaces` and node state. */
  takeBaseline(namespaces: readonly string[], deadline: Deadline): Promise<Baseline>
  /**
   * Starts kubelet and container runtime where they are stopped, writes manifests of static Pods back, puts objects back in place, and waits; never deletes
   * a namespace. Returns what still differs (then the lab must be recreated).
   */
  resetTo(baseline: Baseline, deadline: Deadline): Promise<Difference[]>
  /** Writes node logs, events and not-ready Pods into `folder`. Never throws: says in a file what could not be had. */
  collectEvidence(folder: string, deadline: Deadline): Promise<void>
  destroy(deadline: Deadline, progress?: Progress): Promise<void>
}

/** Installs the CNI into a cluster that has none yet; given by whoever composes (see `@hoplab/cni`). */
export interface NetworkInstaller {
  readonly name: CniName
  readonly capabilities: Pick<CniCapabilities, 'ipam' | 'agent'>
  /** Images it needs beside those of every cluster; they are brought into engine and nodes before `install` is called. */
  readonly images: readonly CniImage[]
  /** What the cluster must be made with. @default nothing */
  readonly clusterNeeds?: ClusterNeeds
  /** Memory that a node takes with it, in GiB: what a machine must have free. */
  readonly memoryGiBPerNode: number
  /** Applies the plugin; returns without waiting for its roll-out. */
  install(target: { kube: KubeClient; podSubnet: string; nodeCount?: number; images: Readonly<Record<string, string>> }, deadline: Deadline): Promise<void>
  /** Empty when rolled out on all `nodeCount` nodes, else what is missing, one reason each. */
  pending(target: { kube: KubeClient; nodeCount: number }, deadline: Deadline): Promise<string[]>
  /** Asked once patience with what is pending is over: faults that time does not mend, the one to mend first at the beginning. @default none is known */
  faults?(target: { kube: KubeClient }, deadline: Deadline): Promise<HopError[]>
}

/** Makes one way in or out of a cluster that is being made; given by whoever composes (see `@hoplab/cni`). */
export interface AddonInstaller {
  readonly name: AddonName
  readonly images: readonly CniImage[]
  /** Its namespaces in the cluster, whose objects a reset puts back. @default none */
  readonly namespaces?: readonly string[]
  /** The machine beside the nodes that it is. @default none: it is Pods alone */
  machine?(plan: { host: string; loadBalancer: string; pool: readonly [string, string] }, images: Readonly<Record<string, string>>): {
    image: string; address: string; reachesNodes: boolean; environment: Readonly<Record<string, string>>; capabilities: readonly string[]; argv?: readonly string[]
  }
  /** Writes what the API must hold; gives the files that go onto the machine. */
  install(target: { kube: KubeClient; apiServer: string; images: Readonly<Record<string, string>> }, deadline: Deadline): Promise<{ path: string; text: string }[]>
  /** Empty when it works, else what is missing, one reason each. Without a machine of its own it asks from the host on the internet. */
  pending(onMachine: (argv: readonly string[]) => Promise<{ exitCode: number; stdout: string; stderr: string }>, deadline: Deadline, kube: KubeClient): Promise<string[]>
}

/** Options of making or finding a cluster. */
export interface EnsureOptions {
  deadline: Deadline
  progress: Progress
  network: NetworkInstaller
  /** One for each of the spec's `addons`, in an order in which each finds what it needs. @default none */
  addons?: readonly AddonInstaller[]
  /**
   * What the caller will want of the cluster anyway: asked of one that is being made as soon as its API server takes objects, beside all that still goes
   * on there. Not called for a cluster that runs already. What it throws ends the making. @default nothing
   */
  early?: (kube: KubeClient, deadline: Deadline) => Promise<void>
  /** Replace a cluster of the same name with another spec. @default false: refuse with the difference (HOP_CLUSTER_DIFFERS, exit 2) */
  recreate?: boolean
}

/** A cluster of ours that exists, whole or in part. */
export interface FoundCluster { name: string; runId: string; state: 'up' | 'partial'; containers: string[]; networks: string[] }

/** What was removed by a clean-up. */
export interface Removed { containers: string[]; networks: string[]; processes: number[]; folders: string[] }

/** Makes clusters. */
export interface ClusterProvider {
  readonly name: 'kind' | 'embedded'
  /** Whether it can work here; reasons and fixes when not. */
  probe(deadline: Deadline): Promise<{ ready: true } | { ready: false; reasons: { what: string; fix: string }[] }>
  /** A ready cluster of this spec: made, or the running one when its spec is the same and it is healthy. */
  ensure(spec: ClusterSpec, options: EnsureOptions): Promise<RunningCluster>
  /** Connects to a cluster that is up. @throws HOP_LAB_NOT_UP (exit 2) */
  adopt(name: string, options: { deadline: Deadline; network: NetworkInstaller; addons?: readonly AddonInstaller[] }): Promise<RunningCluster>
  list(deadline: Deadline): Promise<FoundCluster[]>
  /** Removes everything of ours that belongs to `name`, or all leftovers: containers, networks, processes, state folders, temporary files. */
  clean(options: { name?: string; deadline: Deadline; progress?: Progress }): Promise<Removed>
}
