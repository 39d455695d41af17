import type { Deadline, Progress } from '@hoplab/core'
import type { ConnectedClient } from '@hoplab/kube/client-node'
import type { ClusterFacts, NodeFacts } from '@hoplab/model'
import { baselineOf, type BaselineSubject } from '../../baseline/take.ts'
import { resetTo } from '../../baseline/reset.ts'
import type { NetworkFacts } from '../../engine/networks.ts'
import type { Baseline, ClusterSpec, Difference, NetworkInstaller, RunningCluster, Toolbox } from '../../port.ts'
import { type ClusterState, kubeconfigFile } from '../../state/state-file.ts'
import { dockerToolbox } from '../../toolbox/docker-toolbox.ts'
import { collectEvidence } from './evidence.ts'
import { unhealthyReasons } from './health.ts'
import { imageNames } from './lab-images.ts'
import { clusterName, nodeNameOf, positionOf, positions, toolboxName } from './names.ts'
import { podSubnetOf } from './network.ts'
import { type NobodySort, nobodyAt } from './nobody.ts'
import { removeLab } from './remove.ts'

/** What a running cluster is made of. */
export interface KindClusterParts {
  state: ClusterState
  nodes: readonly NodeFacts[]
  kube: ConnectedClient
  network: NetworkInstaller
  /** The lab's network: the host's address on it, and in some labs the Pods'. */
  lan: Pick<NetworkFacts, 'subnet' | 'gateway'>
}

/** A cluster of kind that is up. */
export class KindCluster implements RunningCluster {
  readonly spec: ClusterSpec
  readonly runId: string
  readonly nodes: readonly NodeFacts[]
  readonly kubeconfig: string
  readonly kube: ConnectedClient
  readonly #parts: KindClusterParts
  /** By position: each keeps a process in its container for a while. */
  readonly #toolboxes = new Map<string, Toolbox>()

  constructor(parts: KindClusterParts) {
    this.#parts = parts
    this.spec = { ...parts.state.spec, podSubnet: podSubnetOf(parts.state.spec, parts.network, parts.lan) }
    this.runId = parts.state.runId
    this.nodes = parts.nodes
    this.kube = parts.kube
    this.kubeconfig = kubeconfigFile(this.spec.name)
  }

  toolbox(node: string): Toolbox {
    const position = positionOf(this.spec.name, this.spec.workers, node)
    const toolbox = this.#toolboxes.get(position) ?? dockerToolbox({ node: nodeNameOf(this.spec.name, position), container: toolboxName(this.spec.name, position), runId: this.runId })
    this.#toolboxes.set(position, toolbox)
    return toolbox
  }

  nodeName(position: string): string {
    return nodeNameOf(this.spec.name, positionOf(this.spec.name, this.spec.workers, position))
  }

  facts(): ClusterFacts {
    const { state } = this.#parts
    return {
      name: clusterName(this.spec.name), kubernetes: state.images.kubernetes, kubeProxyMode: this.spec.proxyMode,
      images: imageNames(state.images), nodes: [...this.nodes],
    }
  }

  nobody(sort: NobodySort, deadline: Deadline): Promise<string> {
    const { serviceSubnet, podSubnet } = this.spec
    return nobodyAt(sort, { kube: this.kube, serviceSubnet, podSubnet, ipam: this.#parts.network.capabilities.ipam, host: this.#parts.lan.gateway }, deadline)
  }

  async health(deadline: Deadline): Promise<{ ok: boolean; reasons: string[] }> {
    const nodeNames = positions(this.spec.workers).map((position) => this.nodeName(position))
    const reasons = await unhealthyReasons({ kube: this.kube, network: this.#parts.network, nodeNames, toolbox: (node) => this.toolbox(node) }, deadline)
    return { ok: reasons.length === 0, reasons }
  }

  takeBaseline(namespaces: readonly string[], deadline: Deadline): Promise<Baseline> {
    return baselineOf(this.#baselineSubject(), namespaces, deadline)
  }

  resetTo(baseline: Baseline, deadline: Deadline): Promise<Difference[]> {
    return resetTo(this.#baselineSubject(), baseline, deadline)
  }

  #baselineSubject(): BaselineSubject {
    const { kube, nodes } = this
    return { kube, nodes, toolbox: (node) => this.toolbox(node), cniNamespace: this.#parts.network.capabilities.agent.namespace }
  }

  collectEvidence(folder: string, deadline: Deadline): Promise<void> {
    return collectEvidence(folder, this.spec.name, this.kube, deadline)
  }

  async destroy(deadline: Deadline, progress?: Progress): Promise<void> {
    await this[Symbol.asyncDispose]()
    await removeLab(this.spec.name, deadline, progress)
  }

  async [Symbol.asyncDispose](): Promise<void> { this.kube[Symbol.dispose]() }
}
