import { type Deadline, isAbort, messageOf, plainLine } from '@hoplab/core'
import type { LabView } from '../port.ts'
import { takeProgressing, takeSnapshot } from '../scene/snapshot.ts'
import { Canary } from './canary.ts'
import { pendingIn } from './pending.ts'

/**
 * Finds out when everything that had been asked of the cluster before has taken effect: workloads at rest, EndpointSlices in step, and on every
 * node a kube-proxy that has written a Service made after that. Runs beside the checks; only looks begun after it may be believed early.
 */
export class Barrier {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #caughtUp = new Map<string, number>()
  /** Until known otherwise policies are taken to exist. */
  #policies = true
  #waitingFor: string[] = ['the cluster to be looked at']
  readonly whenReached: Promise<void>

  /** @param deadline aborting it ends the barrier's work; its promise then resolves without having been reached */
  constructor(view: LabView, deadline: Deadline) {
    this.#view = view
    this.#deadline = deadline
    this.whenReached = this.#run().catch((thrown: unknown) => {
      if (!isAbort(thrown)) this.#waitingFor = [plainLine(messageOf(thrown), 200)]
    })
  }

  /** Whether a look begun at `startedAt` (the deadline's clock) saw these nodes with everything in effect. */
  coveredBy(startedAt: number, nodes: readonly string[]): boolean {
    const all = nodes.length > 0 ? nodes : this.#view.nodes.map(({ name }) => name)
    return all.every((node) => (this.#caughtUp.get(node) ?? Infinity) <= startedAt)
  }

  /** Whether NetworkPolicies are in the lab: plugins write them at their own pace, which no canary tells yet. */
  get policiesExist(): boolean { return this.#policies }

  /** What it is still waiting for, one sentence each. */
  get waitingFor(): readonly string[] { return this.#waitingFor }

  async #run(): Promise<void> {
    const namespaces = new Set([...this.#view.namespaces, 'kube-system'])
    for (;;) {
      const [snapshot, progressing] = await Promise.all([takeSnapshot(this.#view, this.#deadline), takeProgressing(this.#view, this.#deadline)])
      this.#policies = progressing.policies.some((policy) => namespaces.has(policy.metadata.namespace ?? ''))
      this.#waitingFor = pendingIn(namespaces, snapshot, progressing)
      if (this.#waitingFor.length > 0) { await this.#deadline.sleep(300); continue }
      this.#waitingFor = this.#view.nodes.map(({ name }) => `kube-proxy on ${name} to catch up`)
      await using canary = await Canary.release(this.#view, snapshot, this.#deadline)
      const ends = await Promise.allSettled(this.#view.nodes.map(({ name }) => this.#watch(canary, name)))
      for (const end of ends) if (end.status === 'rejected') throw end.reason
      return
    }
  }

  async #watch(canary: Canary, node: string): Promise<void> {
    while (!await canary.answersOn(node, this.#deadline)) this.#deadline.throwIfOver()
    this.#caughtUp.set(node, this.#deadline.clock.now())
    this.#waitingFor = this.#waitingFor.filter((reason) => !reason.includes(` on ${node} `))
  }
}
