import type { Deadline } from '@hoplab/core'
import type { Answers } from '@hoplab/model'
import type { LabView } from './port.ts'
import { Batcher } from './probes/batch.ts'
import { Readings } from './probes/readings.ts'
import type { Snapshot } from './scene/snapshot.ts'

/** Kinds of address nothing answers at; see {@link LabView.nobody}. */
export type NobodySort = Parameters<LabView['nobody']>[0]

/** Everything a look may use: one snapshot of the API, and the batcher that all looks of this round share. */
export class Round {
  readonly view: LabView
  readonly snapshot: Snapshot
  readonly answers: Answers
  readonly deadline: Deadline
  readonly batcher: Batcher
  /** Programs that looks run on nodes. */
  readonly readings: Readings
  readonly #nobody: Map<NobodySort, Promise<string>>

  /** @param nobody addresses found by earlier rounds of the same verification */
  constructor(view: LabView, snapshot: Snapshot, options: { answers: Answers; deadline: Deadline; nobody: Map<NobodySort, Promise<string>> }) {
    this.view = view
    this.snapshot = snapshot
    this.answers = options.answers
    this.deadline = options.deadline
    this.batcher = new Batcher(view, options.deadline)
    this.readings = new Readings((node, argv) => this.batcher.run(node, argv))
    this.#nobody = options.nobody
  }

  /** Namespace of every reference that names none: the lab's first. */
  get defaultNamespace(): string { return this.view.namespaces[0] ?? 'default' }

  /** An address nothing answers at, asked of the cluster once per verification. */
  nobody(sort: NobodySort): Promise<string> {
    const known = this.#nobody.get(sort)
    if (known) return known
    const found = this.view.nobody(sort, this.deadline)
    this.#nobody.set(sort, found)
    found.catch(() => this.#nobody.delete(sort))
    return found
  }
}
