import type { Difference, RunningCluster } from '@hoplab/cluster'
import { type Deadline, phase } from '@hoplab/core'
import type { LabResult } from '@hoplab/model'
import type { LabView } from '@hoplab/verify'
import { credited } from './credit.ts'
import { removeLab, removeLabAfterwards, withEvidence, withEvidenceOfDoubt } from './endings.ts'
import { HOP_LAB_NOT_HANDED_OVER, HOP_RECREATE_NEEDED } from './errors.ts'
import { type FaultPlace, putIn, takeAllBack, takeBack } from './faults.ts'
import { handOver, type UpOptions } from './hand-over.ts'
import { LabCluster } from './lab-cluster.ts'
import { Learner } from './learner.ts'
import { plantOnNodesAgain } from './planted.ts'
import { readAnswers } from './live-values.ts'
import type { CaseMaterial, FaultMaterial, ReadVerb } from './material.ts'
import { byName, checksFor, type Chosen, stepOf } from './placed-checks.ts'
import { labResultOf } from './result.ts'
import { settle } from './roll-outs.ts'
import { type FullSpec, fullSpec, type OpenLabSpec } from './spec.ts'
import { carryOut } from './verbs.ts'
import { viewOf } from './view.ts'

/** Bound of roll-outs after a change. Milliseconds. A change that never settles is the checks' business, not an error. */
const settleWithinMs = 45_000

/** What of a solution is carried out. */
export interface SolveOptions {
  /** Number or name. @default 1 */
  solution?: string
  /** Give only the answers of this step, by id or number; the changes are made whole. */
  step?: string
}

/** Opens a lab: nothing is touched yet. `up` makes it; the other methods find it if it is up. */
export function openLab(spec: OpenLabSpec): LabRun {
  return new LabRun(fullSpec(spec))
}

/**
 * One instance of a lab. Every method takes the deadline that bounds it and throws its reason when it ends.
 * Errors of our environment (exit 3) carry the path of the evidence that was kept.
 * Disposing lets go of connections; only {@link down} removes.
 */
export class LabRun implements AsyncDisposable {
  readonly spec: FullSpec
  /** Answers, hints and finished steps. */
  readonly learner: Learner
  readonly #at: LabCluster

  constructor(spec: FullSpec) {
    this.spec = spec
    this.#at = new LabCluster(spec)
    this.learner = new Learner(spec.lab.file, spec.name, spec.store, spec.language)
  }

  /** Whether `up` may have made or changed something: false while it refused (wrong input, somebody else's lock). */
  get touched(): boolean { return this.#at.touched }

  /**
   * Makes the cluster, sets the lab up, stores the baseline and hands over. Idempotent: a lab that was handed over stays as the learner left it.
   * An interruption removes what this call made; another failure keeps it, with evidence.
   * @throws HOP_LAB_CHANGED, HOP_LAB_NOT_SETTLED and the provider's errors
   */
  async up(deadline: Deadline, options: UpOptions = {}): Promise<{ reused: boolean; cluster: RunningCluster }> {
    return this.#kept(() => handOver(this.spec, this.#at, deadline, options))
  }

  /** The running cluster, found if this object did not make it. @throws HOP_LAB_NOT_UP */
  async cluster(deadline: Deadline): Promise<RunningCluster> {
    return this.#at.find(deadline)
  }

  /** The cluster as the verifier sees it. @throws HOP_LAB_NOT_UP */
  async view(deadline: Deadline): Promise<LabView> {
    return viewOf(await this.cluster(deadline), this.spec)
  }

  /** Verifies all checks, or those of one step (by id or number), or some by id, with what they need. Remembers the result. */
  async check(deadline: Deadline, options: Chosen & { phase?: string } = {}): Promise<LabResult> {
    const { steps } = await this.learner.saved()
    const { spec } = this
    const { file } = spec.lab
    return this.#kept(async () => {
      const started = deadline.clock.now()
      const answers = Object.assign({}, ...Object.values(steps).map((one) => one.answers)) as Record<string, string>
      const cluster = await this.cluster(deadline)
      const seen = await spec.verifier.verify(checksFor(file, options, spec.language), viewOf(cluster, spec), {
        answers, deadline,
        onResult: (result) => spec.emit({ type: 'check', result: credited(file, result, steps), ...(options.phase === undefined ? {} : { phase: options.phase }) }),
      })
      // Read again: a hint may have been taken in another terminal meanwhile.
      const now = await this.learner.saved()
      const checks = seen.map((result) => credited(file, result, now.steps))
      const result = labResultOf(spec, cluster, { checks, steps: now.steps, durationMs: deadline.clock.now() - started })
      const kept = await withEvidenceOfDoubt(spec, cluster, result)
      await this.learner.remember(kept)
      return kept
    })
  }

  /** A solution for the learner: {@link solveAsProof}, and what the tool did earns no points from now on, in this cluster and the next. */
  async solve(deadline: Deadline, options: SolveOptions = {}): Promise<CaseMaterial> {
    const { file, solutions } = this.spec.lab
    const step = options.step === undefined ? undefined : stepOf(file, options.step).id
    const { verbs } = byName(solutions, options.solution ?? '1', 'solution')
    // Before the first change: an interruption half-way must not leave solved work unmarked.
    await this.learner.solvedByTool({ changed: verbs.length > 0, ...(step === undefined ? {} : { step }) })
    return this.solveAsProof(deadline, options)
  }

  /** Carries out a solution (by number or name; default the first) and gives its answers; with `step` only that step's answers. Points stay. */
  async solveAsProof(deadline: Deadline, options: SolveOptions = {}): Promise<CaseMaterial> {
    const solution = byName(this.spec.lab.solutions, options.solution ?? '1', 'solution')
    await this.carryOut(deadline, solution, { where: `solution ${solution.name}`, ...(options.step === undefined ? {} : { step: options.step }) })
    return solution
  }

  /** Carries out any case (solution, near-miss, submission) and gives its answers. */
  async carryOut(deadline: Deadline, one: Pick<CaseMaterial, 'verbs' | 'answers'>, options: { where: string; step?: string }): Promise<void> {
    const cluster = await this.#changed(deadline, one.verbs, options.where)
    const { file } = this.spec.lab
    const given = await readAnswers(one.answers, { kube: cluster.kube, namespace: file.namespaces[0] ?? 'default', deadline })
    for (const step of options.step === undefined ? file.steps : [stepOf(file, options.step)]) {
      const mine = Object.entries(given).filter(([key]) => step.questions.some((question) => question.key === key))
      if (mine.length > 0) await this.learner.answer(step.id, Object.fromEntries(mine))
    }
  }

  /** Breaks the lab with one of its faults; what takes it back is recorded first. @throws HOP_FAULT_IN, HOP_FAULT_NOT_OFFERED, HOP_VERB_FAILED */
  async inject(deadline: Deadline, name: string): Promise<FaultMaterial> {
    const fault = byName(this.spec.lab.faults, name, 'fault')
    await this.#kept(async () => putIn(fault, await this.#place(deadline)))
    return fault
  }

  /** Takes a fault back exactly, whichever process put it in. @throws HOP_FAULT_NOT_IN */
  async undo(deadline: Deadline, name: string): Promise<FaultMaterial> {
    const fault = byName(this.spec.lab.faults, name, 'fault')
    await this.#kept(async () => takeBack(fault, await this.#place(deadline)))
    return fault
  }

  /**
   * Puts the lab back to the hand-over in place and forgets answers (of one step if given). Hints stay taken.
   * @throws HOP_RECREATE_NEEDED naming what could not be put back
   */
  async reset(deadline: Deadline, step?: string): Promise<void> {
    const only = step === undefined ? undefined : stepOf(this.spec.lab.file, step).id
    const differences = await this.restore(deadline)
    await this.learner.startOver(only)
    if (differences.length > 0) throw HOP_RECREATE_NEEDED({ name: this.spec.name, lab: this.spec.lab.file.id, differences })
  }

  /** Takes faults back and puts the cluster back to the baseline; returns what still differs, one line each. Answers and hints are not touched. */
  async restore(deadline: Deadline): Promise<string[]> {
    const saved = await this.learner.saved()
    return this.#kept(async () => {
      const { spec } = this
      const cluster = await this.cluster(deadline)
      const baseline = await spec.store.readBaseline()
      if (!baseline) throw HOP_LAB_NOT_HANDED_OVER({ name: spec.name })
      await takeAllBack(await this.#place(deadline))
      const reset = async (): Promise<Difference[]> => {
        await plantOnNodesAgain(saved, { spec, cluster, deadline })
        return phase(spec.progress, 'reset', () => cluster.resetTo(baseline, deadline))
      }
      // An agent that the first one put back, and so started anew, may have mended on its node what was planted there.
      const first = await reset()
      const differences = first.length > 0 && saved.planted ? await reset() : first
      return differences.map((one) => `${one.where}: ${one.what} was ${one.baseline || 'absent'}, is ${one.now || 'absent'}`)
    })
  }

  /** Removes the cluster and everything remembered. Evidence of failures stays. Safe to repeat. */
  async down(deadline: Deadline): Promise<void> {
    await this[Symbol.asyncDispose]()
    await this.#kept(() => phase(this.spec.progress, 'down', () => removeLab(this.spec, deadline)))
  }

  /** {@link down} with a bound of its own, for when the command's deadline is over. */
  async downAfterwards(): Promise<void> {
    await this[Symbol.asyncDispose]()
    await removeLabAfterwards(this.spec)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#at[Symbol.asyncDispose]()
  }

  async #changed(deadline: Deadline, verbs: readonly ReadVerb[], where: string): Promise<RunningCluster> {
    await this.learner.saved()
    return this.#kept(async () => {
      const { lab, images, progress, installer } = this.spec
      const cluster = await this.cluster(deadline)
      await phase(progress, where, async () => {
        await carryOut(verbs, { cluster, lab: lab.file, images, where, deadline })
        await settle(cluster.kube, { deadline, namespaces: [...lab.file.namespaces, installer.capabilities.agent.namespace], withinMs: settleWithinMs })
      })
      return cluster
    })
  }

  async #place(deadline: Deadline): Promise<FaultPlace> {
    await this.learner.saved()
    return { spec: this.spec, cluster: await this.cluster(deadline), learner: this.learner, deadline }
  }

  #kept<T>(work: () => Promise<T>): Promise<T> {
    return withEvidence(this.spec, () => this.#at.known, work)
  }
}
