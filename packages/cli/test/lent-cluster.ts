import type { Baseline, ClusterProvider, RunningCluster } from '@hoplab/cluster'
import { kindProvider } from '@hoplab/cluster/kind'
import type { Addon, CniInstaller } from '@hoplab/cni'
import { type Deadline, poll, silent } from '@hoplab/core'
import { defaultRanges } from '@hoplab/model'

/** What the cluster of every lab is made with. */
export interface LentSpec { name: string; installer: CniInstaller; addons: readonly Addon[]; deadline: Deadline }

/** One real cluster with every way in and out that is lent to one lab after the other; between two of them their namespaces go and its own objects are put back. */
export class LentCluster implements AsyncDisposable {
  readonly #cluster: RunningCluster
  readonly #empty: Baseline
  readonly #spec: LentSpec

  private constructor(cluster: RunningCluster, empty: Baseline, spec: LentSpec) {
    this.#cluster = cluster
    this.#empty = empty
    this.#spec = spec
  }

  /** Makes it. Whoever does removes the cluster of that name, also when this fails half-way. */
  static async make(spec: LentSpec): Promise<LentCluster> {
    const { name, installer, addons, deadline } = spec
    const cluster = await kindProvider().ensure({
      name, workers: 2, cni: installer.name, proxyMode: 'iptables', images: 'local', podSubnet: defaultRanges.pods, serviceSubnet: defaultRanges.services, internet: false,
      addons: addons.map((addon) => addon.name),
    }, { deadline, progress: silent, network: installer, addons })
    return new LentCluster(cluster, await cluster.takeBaseline([], deadline), spec)
  }

  /** The provider of a lab in these namespaces: it makes and removes nothing but them. */
  provider(namespaces: readonly string[]): ClusterProvider {
    const { name, installer, addons } = this.#spec
    const real = kindProvider()
    // Each lab has connections of its own, which it closes.
    const adopt = ({ deadline }: { deadline: Deadline }): Promise<RunningCluster> => real.adopt(name, { deadline, network: installer, addons })
    const clean = async ({ deadline }: { deadline: Deadline }): ReturnType<ClusterProvider['clean']> => {
      await this.#takeBack(namespaces, deadline)
      return { containers: [], networks: [], processes: [], folders: [] }
    }
    return { name: real.name, probe: (...asked) => real.probe(...asked), ensure: (_spec, options) => adopt(options), adopt: (_name, options) => adopt(options), list: async () => [], clean }
  }

  /** Lets go of its connections; whoever named the cluster removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster[Symbol.asyncDispose]()
  }

  async #takeBack(namespaces: readonly string[], deadline: Deadline): Promise<void> {
    const { kube } = this.#cluster
    const refs = namespaces.map((namespace) => ({ apiVersion: 'v1', kind: 'Namespace', name: namespace }))
    for (const ref of refs) await kube.delete(ref, deadline, { propagation: 'Foreground' })
    for (const ref of refs) {
      const gone = await poll(() => kube.get(ref, deadline), { deadline, withinMs: 120_000, until: (found) => found === undefined })
      if (!gone.ok) throw new Error(`namespace ${ref.name} of the lab before is still there, and the next lab would begin with it`)
    }
    // What a lab wrote on nodes stays, as it would for whoever deletes its objects: the difference is no concern of this.
    await this.#cluster.resetTo(this.#empty, deadline)
  }
}
