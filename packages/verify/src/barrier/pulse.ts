import { type Clock, Deadline, HOP_INTERRUPTED, isAbort } from '@hoplab/core'
import type { LabView } from '../port.ts'
import { isBackend } from '../scene/pods.ts'
import { controlNamespace, type Snapshot, takeSnapshot } from '../scene/snapshot.ts'
import { Canary } from './canary.ts'

/** How long a cluster may take to come to rest before its kube-proxies are looked at all the same, in milliseconds. */
const restlessMs = 3_000

/**
 * Whether the kube-proxies that matter are alive at all, in a cluster that does not come to rest: a Service made now must work on each of their nodes.
 * It does not tell that everything older is in effect, for something is still on its way. Begins by itself after some seconds; ends when stopped.
 */
export class Pulse {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #clock: Clock
  readonly #nodesIn: (snapshot: Snapshot) => Iterable<string>
  readonly #stop = new AbortController()
  readonly #late = new Set<string>()
  #since = Infinity
  /** Resolves when it has ended and its canary is removed; never rejects. */
  readonly ended: Promise<void>

  /** @param clock of `laggard`
   *  @param nodesIn nodes whose kube-proxy matters */
  constructor(view: LabView, deadline: Deadline, clock: Clock, nodesIn: (snapshot: Snapshot) => Iterable<string>) {
    this.#view = view
    this.#clock = clock
    this.#nodesIn = nodesIn
    this.#deadline = Deadline.start('pulse of kube-proxy', deadline.remainingMs(), { clock: deadline.clock, signal: AbortSignal.any([deadline.signal, this.#stop.signal]) })
    // What cannot be found out here names nobody; the barrier tells why when it meets the same.
    this.ended = this.#run().catch(() => {}).finally(() => this.#deadline[Symbol.dispose]())
  }

  /** It is not needed any more. */
  stop(): void { this.#stop.abort(HOP_INTERRUPTED()) }

  /** The first of these nodes on which the Service does not work yet, and since when (the clock) it could. Undefined before it began. */
  laggard(nodes: readonly string[]): { node: string; since: number } | undefined {
    const node = nodes.find((candidate) => this.#late.has(candidate))
    return node === undefined ? undefined : { node, since: this.#since }
  }

  async #run(): Promise<void> {
    await this.#deadline.sleep(restlessMs)
    const snapshot = await takeSnapshot(this.#view, this.#deadline)
    const answering = (node: string): boolean => snapshot.pods.some((pod) => pod.metadata.namespace === controlNamespace && pod.spec?.nodeName === node && isBackend(pod))
    const nodes = [...new Set(this.#nodesIn(snapshot))].filter(answering)
    if (nodes.length === 0) return
    await using canary = await Canary.release(this.#view, snapshot, this.#deadline)
    this.#since = this.#clock.now()
    for (const node of nodes) this.#late.add(node)
    await Promise.allSettled(nodes.map((node) => this.#watch(canary, node)))
  }

  async #watch(canary: Canary, node: string): Promise<void> {
    try {
      while (!await canary.answersOn(node, this.#deadline)) this.#deadline.throwIfOver()
      this.#late.delete(node)
    } catch (thrown) {
      // A watcher of ours that does not watch blames nobody.
      if (!isAbort(thrown)) this.#late.delete(node)
      throw thrown
    }
  }
}
