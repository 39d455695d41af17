import type { Deadline, Progress } from '@hoplab/core'
import type { ConnectedClient } from '@hoplab/kube/client-node'
import { type ClusterFacts, type NodeFacts, type OutsideFacts, outsideMachines } from '@hoplab/model'
import { baselineOf, type BaselineSubject } from '../../baseline/take.ts'
import { resetTo } from '../../baseline/reset.ts'
import type { NetworkFacts } from '../../engine/networks.ts'
import type { AddonInstaller, Baseline, ClusterSpec, Difference, NetworkInstaller, RunningCluster, Toolbox } from '../../port.ts'
import { type ClusterState, kubeconfigFile } from '../../state/state-file.ts'
import { dockerToolbox } from '../../toolbox/docker-toolbox.ts'
import { collectEvidence } from './evidence.ts'
import { unhealthyReasons } from './health.ts'
import { imageNames } from './lab-images.ts'
import { clusterName, gatewayName, machineName, nodeNameOf, positionOf, positions, toolboxName } from './names.ts'
import { podSubnetOf } from './network.ts'
import { type NobodySort, nobodyAt } from './nobody.ts'
import { removeLab } from './remove.ts'

/** What a running cluster is made of. */
export interface KindClusterParts {
  state: ClusterState
  nodes: readonly NodeFacts[]
  kube: ConnectedClient
  network: NetworkInstaller
  addons: readonly AddonInstaller[]
  outside: OutsideFacts | undefined
  /** The lab's network: the host's address on it, and in some labs the Pods'. */
  lan: Pick<NetworkFacts, 'subnet' | 'gateway'>
}

/** Containers that are entered as they are, by the names that toolboxes are asked for. */
const machines = {
  [outsideMachines.host]: (lab: string) => machineName(lab, 'internet'), [outsideMachines.gateway]: gatewayName, [outsideMachines.loadBalancer]: (lab: string) => machineName(lab, 'load-balancer'),
} as const

/** A cluster of kind that is up. */
export class KindCluster implements RunningCluster {
  readonly spec: ClusterSpec
  readonly runId: string
  readonly nodes: readonly NodeFacts[]
  readonly kubeconfig: string
  readonly kube: ConnectedClient
  readonly outside?: OutsideFacts
  readonly #parts: KindClusterParts
  /** By position: each keeps a process in its container for a while. */
  readonly #toolboxes = new Map<string, Toolbox>()

  constructor(parts: KindClusterParts) {
    this.#parts = parts
    this.spec = { ...parts.state.spec, podSubnet: podSubnetOf(parts.state.spec, parts.network, parts.lan) }
    this.runId = parts.state.runId
    this.nodes = parts.nodes
    this.kube = parts.kube
    if (parts.outside) this.outside = parts.outside
    this.kubeconfig = kubeconfigFile(this.spec.name)
  }

  toolbox(node: string): Toolbox {
    const { name, workers } = this.spec
    const machine = this.outside && Object.hasOwn(machines, node) ? machines[node as keyof typeof machines](name) : undefined
    const position = machine === undefined ? positionOf(name, workers, node) : node
    const toolbox = this.#toolboxes.get(position) ?? dockerToolbox({ node: machine === undefined ? nodeNameOf(name, position) : node, container: machine ?? toolboxName(name, position), runId: this.runId })
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
    const addons = await Promise.all(this.#parts.addons.map((addon) => addon.pending((argv) => this.toolbox(addon.machine ? addon.name : outsideMachines.host).exec(argv, { deadline }), deadline, this.kube)))
    const reasons = [...await unhealthyReasons({ kube: this.kube, network: this.#parts.network, nodeNames, toolbox: (node) => this.toolbox(node) }, deadline), ...addons.flat()]
    return { ok: reasons.length === 0, reasons }
  }

  takeBaseline(namespaces: readonly string[], deadline: Deadline): Promise<Baseline> {
    return baselineOf(this.#baselineSubject(), [...namespaces, ...this.#parts.addons.flatMap((addon) => addon.namespaces ?? [])], deadline)
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
