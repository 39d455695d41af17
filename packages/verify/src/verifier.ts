import type { Clock, Deadline } from '@hoplab/core'
import { type CheckResult, missingCapabilities } from '@hoplab/model'
import { Barrier } from './barrier/barrier.ts'
import { Course } from './course.ts'
import type { OutsideKind } from './kinds/define.ts'
import { KindSet } from './kinds/kind-set.ts'
import { type Looked, Looking } from './looking.ts'
import type { LabView, PlacedCheck, Verifier } from './port.ts'
import type { Snapshot } from './scene/snapshot.ts'
import { Explainer } from './trace/explain/explainer.ts'
import { isUnexplained } from './trace/explain/red-paths.ts'

/** How long the first look waits for the barrier: a look before it cannot be believed early and would be repeated. Milliseconds. */
const barrierPatienceMs = 6_000
/** Least time between two rounds, in milliseconds: what is due in between shares one snapshot and one batch. */
const betweenRoundsMs = 150

type VerifyOptions = Parameters<Verifier['verify']>[2]

/**
 * Makes the verifier. Checks look in common rounds: one snapshot of the API, one batch of probes per node.
 * A check's red is believed once it was seen after the sync barrier, else when its `within` is over; its green after the barrier, held for `hold`.
 * The tool's own failures end as `inconclusive`.
 * @param options.kinds kinds of check besides those that come with hoplab; throws `HOP_CHECK_KIND_TAKEN` where a name is taken.
 *   A check of a kind that nobody knows is `inconclusive`.
 * @param options.clock for durations, `within` and `hold`; @default the deadline's own clock
 */
export function createVerifier(options: { clock?: Clock; kinds?: readonly OutsideKind[] } = {}): Verifier {
  const kinds = new KindSet(options.kinds)
  return { verify: (checks, view, verifyOptions) => new Verification(checks, view, verifyOptions, { clock: options.clock ?? verifyOptions.deadline.clock, kinds }).run() }
}

class Verification {
  readonly #courses: Course[]
  readonly #view: LabView
  readonly #options: VerifyOptions
  readonly #clock: Clock
  readonly #kinds: KindSet
  readonly #looking: Looking
  readonly #explainer: Explainer<Course>
  /** Told looks that are not taken yet. */
  #told: Looked[] = []
  #wake: () => void = () => {}

  constructor(checks: readonly PlacedCheck[], view: LabView, options: VerifyOptions, { clock, kinds }: { clock: Clock; kinds: KindSet }) {
    const { deadline, answers } = options
    this.#courses = checks.map((check) => new Course(check, kinds, view))
    this.#view = view
    this.#options = options
    this.#clock = clock
    this.#kinds = kinds
    this.#looking = new Looking({ view, kinds, clock, deadline, answers }, (looked) => { this.#told.push(looked); this.#wake() })
    this.#explainer = new Explainer(view, deadline, {
      tell: (course, hop) => { if (hop) course.explain(hop); this.#tell(course) },
      confirm: (course, hop) => { if (course.suspected) { course.confirm(hop, this.#clock.now()); this.#tell(course); this.#wake() } },
    })
  }

  async run(): Promise<CheckResult[]> {
    const { deadline } = this.#options
    await using barrier = new Barrier(this.#view, deadline, this.#clock, (snapshot) => this.#originNodes(snapshot), (progressed) => this.#hurry(progressed))
    this.#leaveOut()
    this.#ready(this.#clock.now())
    const enough = Math.min(barrierPatienceMs, ...this.#open().map(({ check }) => check.spec.within * 1_000))
    if (this.#open().length > 0) await patience(barrier.whenReached, enough, deadline)
    try {
      await this.#look(barrier)
    } finally {
      await this.#looking.ended()
      await this.#explainer.ended()
    }
    deadline.throwIfOver()
    return this.#courses.map((course) => course.result(this.#view.truth ?? 'real'))
  }

  /** Looks at each open check when it is due, until none is open. */
  async #look(barrier: Barrier): Promise<void> {
    const { deadline } = this.#options
    for (let roundAt = 0; ;) {
      deadline.throwIfOver()
      for (const looked of this.#told.splice(0)) this.#take(looked, barrier)
      const now = this.#clock.now()
      const idle = this.#ready(now).filter((course) => !this.#looking.isLookingAt(course))
      if (this.#open().length === 0) return
      const due = now < roundAt ? [] : idle.filter(({ dueAt }) => dueAt <= now)
      if (due.length > 0) {
        roundAt = now + betweenRoundsMs
        this.#looking.begin(due)
      }
      const waiting = idle.filter((course) => !due.includes(course))
      await this.#sleep(Math.max(roundAt - now, Math.min(...waiting.map(({ dueAt }) => dueAt - now))))
    }
  }

  #hurry(barrier: Barrier): void {
    for (const course of this.#courses) course.hurry(this.#clock.now(), barrier)
    this.#wake()
  }

  /** Until a look is told, but not longer than `ms`: with nothing else to wait for that is `Infinity`. */
  async #sleep(ms: number): Promise<void> {
    if (this.#told.length > 0) return
    const { deadline } = this.#options
    const woken = Promise.withResolvers<void>()
    this.#wake = woken.resolve
    if (ms < Infinity) return patience(woken.promise, ms, deadline)
    deadline.signal.addEventListener('abort', this.#wake, { once: true })
    await woken.promise
    deadline.signal.removeEventListener('abort', this.#wake)
  }

  #take({ course, look, startedAt }: Looked, barrier: Barrier): void {
    // A trace was quicker.
    if (course.verdict !== undefined) return
    course.take(look, startedAt, this.#clock.now(), barrier)
    const red = { spec: course.check.spec, firstBrokenHop: course.firstBrokenHop }
    if (course.suspected && isUnexplained(red)) this.#explainer.foresee(course, red)
    else if (course.verdict !== 'fail') this.#explainer.forget(course)
    if (course.verdict === undefined) return
    if (course.verdict === 'fail' && isUnexplained(red)) this.#explainer.explain(course, red)
    else this.#tell(course)
  }

  #leaveOut(): void {
    for (const course of this.#courses) {
      const missing = missingCapabilities(course.check.spec.requires, this.#view.networkFacts)
      if (missing.length > 0) { course.notOffered(missing, this.#clock.now()); this.#tell(course) }
    }
  }

  #originNodes(snapshot: Snapshot): string[] {
    const round = this.#looking.roundOf(snapshot)
    return this.#courses.flatMap(({ check }) => this.#kinds.originNodes(check.spec, round))
  }

  #open(): Course[] { return this.#courses.filter(({ verdict }) => verdict === undefined) }

  /** Checks whose needs have all passed; those whose needs cannot pass any more are skipped. A need outside this verification is taken as met. */
  #ready(now: number): Course[] {
    const byId = new Map(this.#courses.map((course) => [course.id, course]))
    for (let before = -1; before !== this.#open().length;) {
      before = this.#open().length
      for (const course of this.#open()) {
        const failed = course.check.spec.needs.find((need) => ![undefined, 'pass'].includes(byId.get(need)?.verdict))
        if (failed !== undefined) { course.skip(failed, now); this.#tell(course) }
      }
    }
    const ready = this.#open().filter((course) => course.check.spec.needs.every((need) => !byId.has(need) || byId.get(need)?.verdict === 'pass'))
    // Needs that go round in a circle are refused by lint; here nothing may wait for ever.
    const chosen = ready.length > 0 ? ready : this.#open()
    for (const course of chosen) course.begin(now)
    return chosen
  }

  #tell(course: Course): void { this.#options.onResult?.(course.result(this.#view.truth ?? 'real')) }
}

/** Waits for `reached`, but not longer than `ms`. */
async function patience(reached: Promise<void>, ms: number, deadline: Deadline): Promise<void> {
  const enough = new AbortController()
  const slept = deadline.clock.sleep(ms, AbortSignal.any([deadline.signal, enough.signal])).catch(() => {})
  await Promise.race([reached, slept])
  enough.abort()
}
