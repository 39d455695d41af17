import { type Clock, type Deadline, isAbort, messageOf } from '@hoplab/core'
import { type CheckResult, missingCapabilities } from '@hoplab/model'
import { Barrier } from './barrier/barrier.ts'
import { Course } from './course.ts'
import type { OutsideKind } from './kinds/define.ts'
import type { Look } from './kinds/look.ts'
import { KindSet } from './kinds/kind-set.ts'
import type { LabView, PlacedCheck, Verifier } from './port.ts'
import { Broken } from './probes/broken.ts'
import { type NobodySort, Round } from './round.ts'
import { controlNamespace, type Snapshot, takeSnapshot } from './scene/snapshot.ts'
import { explainReds } from './trace/explain/explain-reds.ts'
import { isUnexplained } from './trace/explain/red-paths.ts'

/** How long the first look waits for the barrier: a look before it cannot be believed early and would be repeated. Milliseconds. */
const barrierPatienceMs = 6_000

type VerifyOptions = Parameters<Verifier['verify']>[2]

/**
 * Makes the verifier. All checks look in common rounds: one snapshot of the API, one batch of probes per node.
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
  readonly #explanations: Promise<void>[] = []
  readonly #nobody = new Map<NobodySort, Promise<string>>()

  constructor(checks: readonly PlacedCheck[], view: LabView, options: VerifyOptions, { clock, kinds }: { clock: Clock; kinds: KindSet }) {
    this.#courses = checks.map((check) => new Course(check, kinds))
    this.#view = view
    this.#options = options
    this.#clock = clock
    this.#kinds = kinds
  }

  async run(): Promise<CheckResult[]> {
    const { deadline } = this.#options
    await using barrier = new Barrier(this.#view, deadline, this.#clock, (snapshot) => this.#originNodes(snapshot))
    this.#leaveOut()
    this.#ready(this.#clock.now())
    const enough = Math.min(barrierPatienceMs, ...this.#open().map(({ check }) => check.spec.within * 1_000))
    if (this.#open().length > 0) await patience(barrier.whenReached, enough, deadline)
    for (let pause = 200; this.#open().length > 0; pause = Math.min(pause * 1.5, 2_000)) {
      deadline.throwIfOver()
      await this.#round(barrier)
      const open = this.#open()
      if (open.length > 0) await deadline.sleep(Math.min(pause, ...open.map((course) => course.wants(this.#clock.now()))))
    }
    await Promise.all(this.#explanations)
    return this.#courses.map((course) => course.result(this.#view.truth ?? 'real'))
  }

  #leaveOut(): void {
    for (const course of this.#courses) {
      const missing = missingCapabilities(course.check.spec.requires, this.#view.networkFacts)
      if (missing.length > 0) { course.notOffered(missing, this.#clock.now()); this.#tell(course) }
    }
  }

  #originNodes(snapshot: Snapshot): string[] {
    const round = new Round(this.#view, snapshot, { ...this.#options, nobody: this.#nobody })
    return this.#courses.flatMap(({ check }) => this.#kinds.originNodes(check.spec, round))
  }

  #open(): Course[] { return this.#courses.filter(({ verdict }) => verdict === undefined) }

  async #round(barrier: Barrier): Promise<void> {
    const startedAt = this.#clock.now()
    const ready = this.#ready(startedAt)
    const looks = await this.#looks(ready)
    this.#options.deadline.throwIfOver()
    for (const [index, course] of ready.entries()) {
      course.take(looks[index] ?? brokenLook('Not looked at.'), startedAt, this.#clock.now(), barrier)
    }
    const ended = ready.filter(({ verdict }) => verdict !== undefined)
    const unexplained = ended.filter((course) => course.verdict === 'fail' && isUnexplained({ spec: course.check.spec, firstBrokenHop: course.firstBrokenHop }))
    for (const course of ended) if (!unexplained.includes(course)) this.#tell(course)
    // Beside the rounds that go on: a check that is still open must not wait for it.
    if (unexplained.length > 0) this.#explanations.push(this.#explain(unexplained))
  }

  async #explain(courses: readonly Course[]): Promise<void> {
    const hops = await explainReds(this.#view, courses.map(({ check, firstBrokenHop }) => ({ spec: check.spec, firstBrokenHop })), this.#options.deadline).catch(() => [])
    for (const [index, course] of courses.entries()) {
      const hop = hops[index]
      if (hop) course.explain(hop)
      this.#tell(course)
    }
  }

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

  async #looks(courses: readonly Course[]): Promise<Look[]> {
    const { answers, deadline } = this.#options
    try {
      const snapshot = await takeSnapshot(this.#view, deadline)
      const round = new Round(this.#view, snapshot, { answers, deadline, nobody: this.#nobody })
      // Found before the looks begin, so that all of them meet in the first batch.
      await Promise.allSettled(courses.flatMap(({ check }) => this.#kinds.nobodiesIn(check.spec)).map((sort) => round.nobody(sort)))
      const looks = await Promise.all(courses.map(({ check }) => this.#kinds.lookAt(check.spec, round).catch((thrown: unknown) => lookOf(thrown, deadline))))
      if (!looks.some(({ state }) => state === 'red')) return looks
      // A kubelet that starts anew calls its Pods unready for a moment: what was seen meanwhile is no red (seen here).
      const after = await takeSnapshot(this.#view, deadline).catch(() => snapshot)
      return readyIn(after) === readyIn(snapshot) ? looks : looks.map((look) => ({ ...look, unsteady: look.state === 'red' && look.happened !== true }))
    } catch (thrown) {
      return courses.map(() => lookOf(thrown, deadline))
    }
  }

  #tell(course: Course): void { this.#options.onResult?.(course.result(this.#view.truth ?? 'real')) }
}

/** Every write of a slice that lists Pods of the lab, our own canaries left out: where it differs, something changed in between, also what has changed back. */
const readyIn = ({ slices }: Snapshot): string => JSON.stringify(slices.filter(({ metadata }) => metadata.namespace !== controlNamespace).map(({ metadata }) => [metadata.uid, metadata.resourceVersion]))

/** Waits for the barrier, but not longer than `ms`. */
async function patience(reached: Promise<void>, ms: number, deadline: Deadline): Promise<void> {
  const enough = new AbortController()
  const slept = deadline.clock.sleep(ms, AbortSignal.any([deadline.signal, enough.signal])).catch(() => {})
  await Promise.race([reached, slept])
  enough.abort()
}

/** What was thrown inside a look, as a look. Only the end of the whole verification is thrown on. */
function lookOf(thrown: unknown, deadline: Deadline): Look {
  if (isAbort(thrown) && deadline.signal.aborted) throw thrown
  return { ...brokenLook(thrown instanceof Broken ? thrown.message : `It could not be looked at: ${messageOf(thrown)}`), final: thrown instanceof Broken && thrown.hopeless }
}

const brokenLook = (why: string): Look => ({ state: 'broken', why, evidence: [], nodes: [] })
