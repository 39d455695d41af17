import type { Deadline } from '@hoplab/core'
import type { LabView } from '../port.ts'
import type { Pod, Service } from './kube-shapes.ts'

/** Kinds of address nothing answers at; see {@link LabView.nobody}. */
export type NobodySort = Parameters<LabView['nobody']>[0]

/** Longest a Pod that has no address yet is waited for, in milliseconds: its kubelet tells the API of an address only after the Pod has it, and may answer by it. */
const namelessMs = 5_000

/**
 * The addresses of one verification that nobody has, and whether they still are that. A plugin that hands addresses out in turn (host-local, Calico's
 * blocks) comes to each of them at last: seen here with Calico, when a Pod that was made while it was looked got the one that should not answer.
 */
export class Nobodies {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #found = new Map<NobodySort, Promise<string>>()
  readonly #ours = new Set<string>()

  constructor(view: LabView, deadline: Deadline) {
    this.#view = view
    this.#deadline = deadline
  }

  /** An address of this sort, asked of the cluster once, or once more when it became somebody's. Rejects with what the cluster throws. */
  at(sort: NobodySort): Promise<string> {
    const known = this.#found.get(sort)
    if (known) return known
    const found = this.#view.nobody(sort, this.#deadline)
    this.#found.set(sort, found)
    found.catch(() => this.#found.delete(sort))
    return found
  }

  /** Notes that a Pod of this verification has the address: it may be gone when somebody asks. */
  taken(address: string): void { this.#ours.add(address) }

  /** Whether one of these sorts' addresses now belongs to a Pod or a Service, or did to a Pod of ours: it is forgotten then. Waits for Pods that may have it and have not said so. */
  async becameSomebodys(sorts: readonly NobodySort[]): Promise<boolean> {
    const asked = await Promise.all([...new Set(sorts)].flatMap((sort) => { const found = this.#found.get(sort); return found ? [found.then((address) => ({ sort, address }))] : [] }))
    if (asked.length === 0) return false
    const { clock } = this.#deadline
    for (const end = clock.now() + namelessMs; ; await this.#deadline.sleep(200)) {
      const { owned, nameless } = await this.#owners()
      const lost = asked.filter(({ address }) => owned.has(address) || this.#ours.has(address))
      for (const { sort } of lost) this.#found.delete(sort)
      if (lost.length > 0 || !nameless || clock.now() >= end) return lost.length > 0
    }
  }

  /** Addresses that Pods and Services have, and whether a Pod is about to get one. */
  async #owners(): Promise<{ owned: ReadonlySet<string>; nameless: boolean }> {
    const [pods, services] = await Promise.all((['Pod', 'Service'] as const).map((kind) => this.#view.kube.list({ apiVersion: 'v1', kind }, this.#deadline))) as [Pod[], Service[]]
    const own = pods.filter(({ spec }) => spec?.hostNetwork !== true && spec?.nodeName !== undefined)
    return {
      owned: new Set([...own.map(({ status }) => status?.podIP), ...services.map(({ spec }) => spec?.clusterIP)].filter((address) => address !== undefined)),
      nameless: own.some(({ status }) => status?.podIP === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'),
    }
  }
}
