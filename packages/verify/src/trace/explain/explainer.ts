import type { Deadline } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import type { LabView } from '../../port.ts'
import { explainReds } from './explain-reds.ts'
import type { Red } from './red-paths.ts'

/**
 * Finds where the packets of red checks broke, beside the looks that go on. Reds that come while others are looked at are the next group; what was
 * found for a path counts for all that come later.
 */
export class Explainer<Subject> {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #tell: (subject: Subject, hop: BrokenHop | undefined) => void
  readonly #known = new Map<string, BrokenHop | undefined>()
  #waiting: { subject: Subject; red: Red }[] = []
  #working: Promise<void> | undefined

  /** @param tell called once for each subject, as soon as it is known; without a hop when none was found in time */
  constructor(view: LabView, deadline: Deadline, tell: (subject: Subject, hop: BrokenHop | undefined) => void) {
    this.#view = view
    this.#deadline = deadline
    this.#tell = tell
  }

  explain(subject: Subject, red: Red): void {
    this.#waiting.push({ subject, red })
    // Begins when all that came in the same moment have.
    this.#working ??= Promise.resolve().then(() => this.#work()).finally(() => { this.#working = undefined })
  }

  /** Resolves when every subject was told; rejects when the verification was ended. */
  async ended(): Promise<void> { while (this.#working) await this.#working }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0)
      const told = new Set<number>()
      const tell = (index: number, hop: BrokenHop | undefined): void => {
        const one = group[index]
        if (!one || told.has(index)) return
        told.add(index)
        this.#tell(one.subject, hop)
      }
      const hops = await explainReds(this.#view, group.map(({ red }) => red), this.#deadline, { known: this.#known, onFound: tell })
      for (const index of group.keys()) tell(index, hops[index])
    }
  }
}
