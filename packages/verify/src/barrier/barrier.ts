import { type Clock, Deadline, HOP_INTERRUPTED, isAbort, messageOf, plainLine } from '@hoplab/core'
import type { LabView } from '../port.ts'
import { isBackend } from '../scene/pods.ts'
import { controlNamespace, type Snapshot, takeProgressing, takeSnapshot } from '../scene/snapshot.ts'
import { Canary } from './canary.ts'
import { Pulse } from './pulse.ts'
import { pendingIn } from './pending.ts'

/**
 * Finds out when everything that had been asked of the cluster before has taken effect: workloads at rest, EndpointSlices in step, and on the
 * nodes that matter a kube-proxy that has written a Service made after that. Runs beside the checks; only looks begun after it may be believed early.
 */
export class Barrier implements AsyncDisposable {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #clock: Clock
  readonly #nodesIn: (snapshot: Snapshot) => Iterable<string>
  readonly #onProgress: (barrier: Barrier) => void
  readonly #caughtUp = new Map<string, number>()
  readonly #stop = new AbortController()
  readonly #ended: Promise<void>
  readonly #reached = Promise.withResolvers<void>()
  readonly #watched = new Set<string>()
  readonly #pulse: Pulse
  #settledAt = Infinity
  #failure: string | undefined
  /** Until known otherwise policies are taken to exist. */
  #policies = true
  #waitingFor: string[] = ['the cluster to be looked at']

  /** @param clock of `coveredBy`
   *  @param nodesIn nodes that packets of the checks start from: only their kube-proxy is waited for
   *  @param onProgress called whenever `coveredBy` or `failure` may say something else than before */
  constructor(view: LabView, deadline: Deadline, clock: Clock, nodesIn: (snapshot: Snapshot) => Iterable<string>, onProgress: (barrier: Barrier) => void = () => {}) {
    this.#onProgress = onProgress
    this.#view = view
    this.#clock = clock
    this.#nodesIn = nodesIn
    this.#deadline = Deadline.start('sync barrier', deadline.remainingMs(), { clock: deadline.clock, signal: AbortSignal.any([deadline.signal, this.#stop.signal]) })
    this.#pulse = new Pulse(view, this.#deadline, clock, nodesIn)
    this.#ended = this.#run().catch((thrown: unknown) => {
      if (isAbort(thrown)) return
      this.#failure = plainLine(messageOf(thrown), 200)
      this.#waitingFor = [this.#failure]
      this.#onProgress(this)
    }).finally(() => this.#reached.resolve())
  }

  /** Resolves when everything has taken effect, or when that cannot be found out. */
  get whenReached(): Promise<void> { return this.#reached.promise }

  /** Whether a look begun at `startedAt` (the barrier's clock) saw the cluster at rest and these nodes caught up. */
  coveredBy(startedAt: number, nodes: readonly string[]): boolean {
    return this.#settledAt <= startedAt && nodes.every((node) => (this.#caughtUp.get(node) ?? Infinity) <= startedAt)
  }

  /** Why it ended without having been reached: the harness failed. Undefined while it looks, and once it has been reached. */
  get failure(): string | undefined { return this.#failure }

  /**
   * The first of these nodes whose kube-proxy has not written the canary yet, and since when (the barrier's clock) it could have. While the cluster does
   * not come to rest that is the canary of its {@link Pulse}, so that a Pod that restarts for ever does not hide a kube-proxy that is dead.
   */
  laggard(nodes: readonly string[]): { node: string; since: number } | undefined {
    if (this.#settledAt === Infinity) return this.#pulse.laggard(nodes)
    const node = nodes.find((candidate) => this.#watched.has(candidate) && !this.#caughtUp.has(candidate))
    return node === undefined ? undefined : { node, since: this.#settledAt }
  }

  /** Whether NetworkPolicies are in the lab: plugins write them at their own pace, which no canary tells yet. */
  get policiesExist(): boolean { return this.#policies }

  /** What it is still waiting for, one sentence each. */
  get waitingFor(): readonly string[] { return this.#waitingFor }

  /** Stops looking and removes the canary. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(HOP_INTERRUPTED())
    await Promise.all([this.#ended, this.#pulse.ended])
    this.#deadline[Symbol.dispose]()
  }

  async #run(): Promise<void> {
    const { snapshot, nodes } = await this.#settle()
    this.#settledAt = this.#clock.now()
    this.#pulse.stop()
    this.#onProgress(this)
    if (nodes.length === 0) return
    for (const node of nodes) this.#watched.add(node)
    this.#waitingFor = nodes.map((node) => `kube-proxy on ${node} to catch up`)
    await using canary = await Canary.release(this.#view, snapshot, this.#deadline)
    const ends = await Promise.allSettled(nodes.map((node) => this.#watch(canary, node)))
    // Before the canary is removed: nobody needs to wait for that.
    this.#reached.resolve()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }

  async #settle(): Promise<{ snapshot: Snapshot; nodes: string[] }> {
    const namespaces = new Set([...this.#view.namespaces, 'kube-system', this.#view.networkFacts.agent.namespace])
    for (;;) {
      const [snapshot, progressing] = await Promise.all([takeSnapshot(this.#view, this.#deadline), takeProgressing(this.#view, this.#deadline)])
      this.#policies = progressing.policies.some((policy) => namespaces.has(policy.metadata.namespace ?? ''))
      const nodes = [...new Set(this.#nodesIn(snapshot))]
      // The canary needs a control Pod where it is to answer.
      const lacking = nodes.filter((node) => !snapshot.pods.some((pod) => pod.metadata.namespace === controlNamespace && pod.spec?.nodeName === node && isBackend(pod)))
      this.#waitingFor = [...pendingIn(namespaces, snapshot, progressing), ...lacking.map((node) => `the control Pod on ${node} to be Ready`)]
      if (this.#waitingFor.length === 0) return { snapshot, nodes }
      await this.#deadline.sleep(300)
    }
  }

  async #watch(canary: Canary, node: string): Promise<void> {
    while (!await canary.answersOn(node, this.#deadline)) this.#deadline.throwIfOver()
    this.#caughtUp.set(node, this.#clock.now())
    this.#waitingFor = this.#waitingFor.filter((reason) => !reason.includes(` on ${node} `))
    this.#onProgress(this)
  }
}
