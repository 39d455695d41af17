import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, exitCodes, HopError } from '@hoplab/core'
import { setUpEarly } from './set-up.ts'
import { clusterSpecOf, type FullSpec } from './spec.ts'

/** Which cluster a lab runs in: made by `ensure`, or found where another command made it. */
export class LabCluster implements AsyncDisposable {
  readonly #spec: FullSpec
  #known: RunningCluster | undefined
  #touched = false

  constructor(spec: FullSpec) {
    this.#spec = spec
  }

  /** Whether {@link ensure} may have made or changed something: false while it refused (wrong input, somebody else's lock). */
  get touched(): boolean { return this.#touched }

  /** The cluster if this object has met it already. */
  get known(): RunningCluster | undefined { return this.#known }

  /** The running cluster, found if this object did not make it. @throws HOP_LAB_NOT_UP */
  async find(deadline: Deadline): Promise<RunningCluster> {
    const { provider, installer, addons, name } = this.#spec
    this.#known ??= await provider.adopt(name, { deadline, network: installer, addons })
    return this.#known
  }

  /** A ready cluster of the lab's spec: made, or the running one. @throws the provider's errors */
  async ensure(deadline: Deadline): Promise<RunningCluster> {
    const { provider, progress, installer, addons, lab, images } = this.#spec
    try {
      this.#known = await provider.ensure(clusterSpecOf(this.#spec), { deadline, progress, network: installer, addons, early: (kube, bound) => setUpEarly(kube, lab, { images, deadline: bound }) })
      this.#touched = true
      return this.#known
    } catch (error) {
      const refusal = error instanceof HopError && (error.exitCode === exitCodes.usage || error.code === 'HOP_LOCKED')
      this.#touched ||= !refusal
      throw error
    }
  }

  /** Lets go of connections; the cluster stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#known?.[Symbol.asyncDispose]()
    this.#known = undefined
  }
}
