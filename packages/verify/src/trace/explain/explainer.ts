import type { Deadline } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import { Gathering } from '../../gathering.ts'
import type { LabView } from '../../port.ts'
import { explainReds } from './explain-reds.ts'
import { FoundHops } from './found-hops.ts'
import type { Red } from './red-paths.ts'

/** One red whose paths are looked at, or were. */
interface Asked<Subject> { subject: Subject; red: Red; wanted: boolean }

/** Who is told what was found. */
export interface Listener<Subject> {
  /** Called once for each subject that {@link Explainer.explain} was called for, as soon as it is known; without a hop when none was found in time, or the verification was ended. */
  tell(subject: Subject, hop: BrokenHop | undefined): void
  /** A request on the path of a foreseen red was lost as well, and here, by something that was found. */
  confirm(subject: Subject, hop: BrokenHop): void
}

/** Finds where the packets of red checks broke, beside the looks that go on. What was found on a path counts for those that come soon after. */
export class Explainer<Subject> {
  readonly #view: LabView
  readonly #deadline: Deadline
  readonly #listener: Listener<Subject>
  readonly #known: FoundHops
  readonly #asked = new Map<Subject, Asked<Subject>>()
  readonly #reds = new Gathering<Asked<Subject>>((group) => this.#explain(group))

  constructor(view: LabView, deadline: Deadline, listener: Listener<Subject>) {
    this.#view = view
    this.#deadline = deadline
    this.#listener = listener
    this.#known = new FoundHops(deadline.clock)
  }

  /** Finds where it broke, and tells. */
  explain(subject: Subject, red: Red): void {
    const foreseen = this.#asked.get(subject)
    if (foreseen && foreseen.red.firstBrokenHop === red.firstBrokenHop) foreseen.wanted = true
    else this.#ask({ subject, red, wanted: true })
  }

  /** Looks at the paths of a red that rests on silence alone: lost there as well, a second request confirms it. */
  foresee(subject: Subject, red: Red): void {
    if (!this.#asked.has(subject)) this.#ask({ subject, red, wanted: false })
  }

  /** What was foreseen did not come: whatever is found of it confirms nothing. */
  forget(subject: Subject): void { this.#asked.delete(subject) }

  /** Resolves when every subject was told. */
  ended(): Promise<void> { return this.#reds.ended() }

  #ask(one: Asked<Subject>): void {
    this.#asked.set(one.subject, one)
    this.#reds.add(one)
  }

  async #explain(group: readonly Asked<Subject>[]): Promise<void> {
    const asked = group.filter((one) => this.#asked.get(one.subject) === one)
    const over = (one: Asked<Subject> | undefined, hop?: BrokenHop): void => {
      if (!one || this.#asked.get(one.subject) !== one) return
      this.#asked.delete(one.subject)
      if (one.wanted) this.#listener.tell(one.subject, hop)
      // Two silences in one breath of a busy machine look like this too: where nothing was found that loses packets, the next look decides.
      else if (hop && hop.inferred !== true) this.#listener.confirm(one.subject, hop)
    }
    // Whoever ended the verification says so; here it only means that no more is found.
    await explainReds(this.#view, asked.map(({ red }) => red), this.#deadline, { known: this.#known, onFound: (index, hop) => over(asked[index], hop) }).catch(() => {})
    for (const one of asked) over(one)
  }
}
