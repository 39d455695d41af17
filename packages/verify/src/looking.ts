import { type Clock, type Deadline, isAbort, messageOf } from '@hoplab/core'
import type { Answers } from '@hoplab/model'
import type { Course } from './course.ts'
import { Gathering } from './gathering.ts'
import type { KindSet } from './kinds/kind-set.ts'
import type { Look } from './kinds/look.ts'
import type { LabView } from './port.ts'
import type { Waiting } from './probes/batch.ts'
import { Broken } from './probes/broken.ts'
import { breathless, breathlessMs, latestWake } from './probes/late-wake.ts'
import { Turns } from './probes/turns.ts'
import { Round } from './round.ts'
import { Nobodies } from './scene/nobodies.ts'
import { isBackend } from './scene/pods.ts'
import { controlNamespace, type Snapshot, takeSnapshot } from './scene/snapshot.ts'

/** One check's look: when it began, and what the API said then. */
export interface Looked { course: Course; look: Look; startedAt: number }

interface Red extends Looked { before: Snapshot }

/**
 * How long Pods that began or ceased to be ready may still go on changing, in milliseconds. A kubelet that starts anew calls Pods unready until it has
 * probed them, which it begins at a random moment of the probe's period: ten seconds where none is given.
 */
const unrestMs = 12_000

/** What looks of one verification look at, and with. */
export interface LookingAt { view: LabView; kinds: KindSet; clock: Clock; deadline: Deadline; answers: Answers }

/**
 * Looks at checks in common rounds: one snapshot of the API, one batch of probes per node. Each look is told as soon as it is over, so a check that
 * waits for time-outs holds up no other. Rounds may overlap; their batches do not.
 */
export class Looking {
  readonly #at: LookingAt
  readonly #tell: (looked: Looked) => void
  readonly #turns = new Turns<Waiting>()
  readonly #nobodies: Nobodies
  readonly #flying = new Map<Course, Promise<void>>()
  readonly #reds = new Gathering<Red>((reds) => this.#doubt(reds))
  /** Which Pods were ready when last asked, and when they were seen to be others than before. */
  #ready: string | undefined
  #unrestAt = -Infinity
  #begun = false

  constructor(at: LookingAt, tell: (looked: Looked) => void) {
    this.#at = at
    this.#nobodies = new Nobodies(at.view, at.deadline)
    this.#tell = tell
  }

  /** Whether a look at this check has begun and is not told yet. */
  isLookingAt(course: Course): boolean { return this.#flying.has(course) }

  /** Begins one look at each; never throws. */
  begin(courses: readonly Course[]): void {
    this.#begun = true
    const startedAt = this.#at.clock.now()
    const round = this.#round(courses)
    for (const course of courses) this.#flying.set(course, this.#lookAt(course, startedAt, round))
  }

  /** Resolves when no look is going on any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#flying.values())
    await this.#reds.ended()
  }

  /** A round of this verification on a cluster that somebody else looked at. What they saw before the first look is where changes are counted from. */
  roundOf(snapshot: Snapshot): Round {
    if (!this.#begun) this.#ready = readyIn(snapshot)
    return this.#roundOn(snapshot)
  }

  #roundOn(snapshot: Snapshot): Round {
    const { view, answers, deadline } = this.#at
    return new Round(view, snapshot, { answers, deadline, nobodies: this.#nobodies, turns: this.#turns })
  }

  async #round(courses: readonly Course[]): Promise<Round> {
    const round = this.#roundOn(await this.#snapshot())
    // Found before the looks begin, so that all of them meet in the first batch.
    await Promise.allSettled(courses.flatMap(({ check }) => this.#at.kinds.nobodiesIn(check.spec)).map((sort) => round.nobodies.at(sort)))
    return round
  }

  async #lookAt(course: Course, startedAt: number, beginning: Promise<Round>): Promise<void> {
    let before: Snapshot | undefined
    const look = await beginning.then((round) => {
      before = round.snapshot
      return this.#at.kinds.lookAt(course.check.spec, round, { patient: course.patient })
    }).catch((thrown: unknown) => this.#brokenBy(thrown))
    if (!look) this.#flying.delete(course)
    else if (look.state === 'red' && before) this.#reds.add({ course, look, startedAt, before })
    else this.#over({ course, look, startedAt })
  }

  /** What was thrown inside a look, as a look; none when the verification itself was ended. */
  #brokenBy(thrown: unknown): Look | undefined {
    if (isAbort(thrown) && this.#at.deadline.signal.aborted) return undefined
    return { ...brokenLook(thrown instanceof Broken ? thrown.message : `It could not be looked at: ${messageOf(thrown)}`), final: thrown instanceof Broken && thrown.hopeless }
  }

  async #snapshot(): Promise<Snapshot> {
    const snapshot = await takeSnapshot(this.#at.view, this.#at.deadline)
    const ready = readyIn(snapshot)
    if (this.#ready !== undefined && this.#ready !== ready) this.#unrestAt = this.#at.clock.now()
    this.#ready = ready
    return snapshot
  }

  /** A kubelet that starts anew calls its Pods unready for some seconds: what was seen meanwhile is no red, also of a look that saw no change itself (both seen here). */
  async #doubt(reds: readonly Red[]): Promise<void> {
    const [after, lates] = await Promise.all([this.#snapshot().catch(() => undefined), Promise.all(reds.map((red) => this.#late(red)))])
    const unrest = this.#at.clock.now() - this.#unrestAt < unrestMs
    for (const [index, { before, look, ...rest }] of reds.entries()) {
      const changed = unrest || (after !== undefined && writesOf(after) !== writesOf(before))
      this.#over({ ...rest, look: lates[index] ?? { ...look, unsteady: changed && look.happened !== true } })
    }
  }

  /** The look as a broken one, when it rests on something that came too late and a node was too busy meanwhile for that to say anything. */
  async #late({ look, startedAt, before }: Red): Promise<Look | undefined> {
    if (!(look.silence || look.late) || look.happened) return undefined
    const wake = await latestWake(this.#roundOn(before), this.#at.clock.now() - startedAt).catch(() => undefined)
    return wake && wake.ms >= breathlessMs ? breathless(look, wake) : undefined
  }

  #over(looked: Looked): void {
    this.#flying.delete(looked.course)
    this.#tell(looked)
  }
}

/** Slices that list Pods of the lab, our own canaries left out. */
const labSlices = ({ slices }: Snapshot) => slices.filter(({ metadata }) => metadata.namespace !== controlNamespace)

/** Every write of a slice: where it differs, something changed in between, also what has changed back. */
const writesOf = (snapshot: Snapshot): string => JSON.stringify(labSlices(snapshot).map(({ metadata }) => [metadata.uid, metadata.resourceVersion]))

/** Which Pods are ready, as their kubelets say and as slices say. */
function readyIn(snapshot: Snapshot): string {
  const pods = snapshot.pods.filter((pod) => pod.metadata.namespace !== controlNamespace && isBackend(pod)).map(({ metadata }) => metadata.uid)
  const endpoints = labSlices(snapshot).flatMap((slice) => (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).map(({ addresses }) => `${slice.metadata.namespace}/${slice.metadata.name} ${addresses.join()}`))
  return [...pods, ...endpoints].toSorted().join('\n')
}

const brokenLook = (why: string): Look => ({ state: 'broken', why, evidence: [], nodes: [] })
