import type { Deadline } from '@hoplab/core'
import type { Answers } from '@hoplab/model'
import type { LabView } from './port.ts'
import { Batcher, type Waiting } from './probes/batch.ts'
import { type Asking, Ear } from './probes/ear.ts'
import { Readings } from './probes/readings.ts'
import type { Turns } from './probes/turns.ts'
import type { Nobodies } from './scene/nobodies.ts'
import type { Snapshot } from './scene/snapshot.ts'

/** Everything a look may use: one snapshot of the API, and the batcher that all looks of this round share. */
export class Round {
  readonly view: LabView
  readonly snapshot: Snapshot
  readonly answers: Answers
  readonly deadline: Deadline
  readonly batcher: Asking
  /** Programs that looks run on nodes. */
  readonly readings: Readings
  /** Addresses nothing answers at, the same for the whole verification as long as nobody has them. */
  readonly nobodies: Nobodies

  /**
   * @param options.nobodies those of the same verification
   * @param options.turns batches of rounds that go on at the same time wait for each other
   * @param options.shared what a look of another round object of the same round asks through
   */
  constructor(view: LabView, snapshot: Snapshot, options: { answers: Answers; deadline: Deadline; nobodies: Nobodies; turns?: Turns<Waiting>; shared?: Pick<Round, 'batcher' | 'readings'> }) {
    this.view = view
    this.snapshot = snapshot
    this.answers = options.answers
    this.deadline = options.deadline
    this.batcher = options.shared?.batcher ?? new Batcher(view, options.deadline, options.turns)
    this.readings = options.shared?.readings ?? new Readings((node, argv) => this.batcher.run(node, argv))
    this.nobodies = options.nobodies
  }

  /**
   * This round as one look sees it: everything is shared, and the ear notes what that look did not get answered.
   * @param options.patient see {@link Ear}
   */
  forOneLook(options: { patient?: boolean } = {}): { round: Round; ear: Ear } {
    const ear = new Ear(this.batcher, options)
    const { answers, deadline, nobodies, readings } = this
    return { ear, round: new Round(this.view, this.snapshot, { answers, deadline, nobodies, shared: { batcher: ear, readings } }) }
  }

  /** Namespace of every reference that names none: the lab's first. */
  get defaultNamespace(): string { return this.view.namespaces[0] ?? 'default' }
}
