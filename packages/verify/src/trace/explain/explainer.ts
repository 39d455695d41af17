import type { Deadline } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import { Gathering } from '../../gathering.ts'
import type { LabView } from '../../port.ts'
import { explainReds } from './explain-reds.ts'
import type { Red } from './red-paths.ts'

/** Finds where the packets of red checks broke, beside the looks that go on. What was found on a path counts for all that come later. */
export class Explainer<Subject> {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #tell: (subject: Subject, hop: BrokenHop | undefined) => void
  readonly #known = new Map<string, BrokenHop>()
  readonly #reds = new Gathering<{ subject?: Subject; red: Red }>((group) => this.#explain(group))

  /** @param tell called once for each subject, as soon as it is known; without a hop when none was found in time, or the verification was ended */
  constructor(view: LabView, deadline: Deadline, tell: (subject: Subject, hop: BrokenHop | undefined) => void) {
    this.#view = view
    this.#deadline = deadline
    this.#tell = tell
  }

  explain(subject: Subject, red: Red): void { this.#reds.add({ subject, red }) }

  /** Looks at the paths of a red that only the next look decides, so that they are known by then; tells nobody. */
  foresee(red: Red): void { this.#reds.add({ red }) }

  /** Resolves when every subject was told. */
  ended(): Promise<void> { return this.#reds.ended() }

  async #explain(group: readonly { subject?: Subject; red: Red }[]): Promise<void> {
    const untold = new Set(group.keys())
    const tell = (index: number, hop: BrokenHop | undefined): void => {
      const subject = group[index]?.subject
      if (untold.delete(index) && subject !== undefined) this.#tell(subject, hop)
    }
    // Whoever ended the verification says so; here it only means that no more is found.
    await explainReds(this.#view, group.map(({ red }) => red), this.#deadline, { known: this.#known, onFound: tell }).catch(() => {})
    for (const index of untold) tell(index, undefined)
  }
}
