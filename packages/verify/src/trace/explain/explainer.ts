import type { Deadline } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import { Gathering } from '../../gathering.ts'
import type { LabView } from '../../port.ts'
import { explainReds } from './explain-reds.ts'
import { FoundHops } from './found-hops.ts'
import type { Red } from './red-paths.ts'

/** One red whose paths are looked at, or were. */
interface Asked<Subject> { subject: Subject; red: Red; wanted: boolean; hop: BrokenHop | undefined }

/** Finds where the packets of red checks broke, beside the looks that go on. What was found on a path counts for those that come soon after. */
export class Explainer<Subject> {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #tell: (subject: Subject, hop: BrokenHop | undefined) => void
  readonly #known: FoundHops
  readonly #asked = new Map<Subject, Asked<Subject>>()
  readonly #reds = new Gathering<Asked<Subject>>((group) => this.#explain(group))

  /** @param tell called once for each subject that {@link explain} was called for, as soon as it is known; without a hop when none was found in time, or the verification was ended */
  constructor(view: LabView, deadline: Deadline, tell: (subject: Subject, hop: BrokenHop | undefined) => void) {
    this.#view = view
    this.#deadline = deadline
    this.#tell = tell
    this.#known = new FoundHops(deadline.clock)
  }

  /** Tells where it broke: at once if that was foreseen, else when it is found. */
  explain(subject: Subject, red: Red): void {
    const foreseen = this.#asked.get(subject)
    if (!foreseen || foreseen.red.firstBrokenHop !== red.firstBrokenHop) return this.#ask({ subject, red, wanted: true, hop: undefined })
    foreseen.wanted = true
    if (foreseen.hop) this.#over(foreseen)
  }

  /** Looks at the paths of a red that only the next look decides, so that they are known by then; tells nobody. */
  foresee(subject: Subject, red: Red): void {
    if (!this.#asked.has(subject)) this.#ask({ subject, red, wanted: false, hop: undefined })
  }

  /** What was foreseen did not come: whatever is found of it is not told, also not of a later red. */
  forget(subject: Subject): void { this.#asked.delete(subject) }

  /** Resolves when every subject was told. */
  ended(): Promise<void> { return this.#reds.ended() }

  #ask(one: Asked<Subject>): void {
    this.#asked.set(one.subject, one)
    this.#reds.add(one)
  }

  #over({ subject, hop }: Asked<Subject>): void {
    this.#asked.delete(subject)
    this.#tell(subject, hop)
  }

  async #explain(group: readonly Asked<Subject>[]): Promise<void> {
    const isOpen = (one: Asked<Subject>): boolean => this.#asked.get(one.subject) === one
    const asked = group.filter(isOpen)
    const onFound = (index: number, hop: BrokenHop): void => {
      const one = asked[index]
      if (!one || !isOpen(one)) return
      one.hop = hop
      if (one.wanted) this.#over(one)
    }
    // Whoever ended the verification says so; here it only means that no more is found.
    await explainReds(this.#view, asked.map(({ red }) => red), this.#deadline, { known: this.#known, onFound }).catch(() => {})
    for (const one of asked) {
      if (!isOpen(one) || one.hop) continue
      if (one.wanted) this.#over(one)
      else this.#asked.delete(one.subject)
    }
  }
}
