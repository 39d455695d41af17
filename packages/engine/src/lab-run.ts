import type { RunningCluster } from '@hoplab/cluster'
import { contentHash, type Deadline, exitCodes, HopError, phase } from '@hoplab/core'
import type { LabResult } from '@hoplab/model'
import { removeLab, removeLabAfterwards, withEvidence, withEvidenceOfDoubt } from './endings.ts'
import { HOP_LAB_CHANGED, HOP_LAB_NOT_HANDED_OVER, HOP_RECREATE_NEEDED } from './errors.ts'
import { Learner } from './learner.ts'
import { readAnswers } from './live-values.ts'
import type { CaseMaterial, FaultMaterial, ReadVerb } from './material.ts'
import { byName, checksFor, stepOf } from './placed-checks.ts'
import { labResultOf } from './result.ts'
import { settle } from './roll-outs.ts'
import { newSavedLab } from './saved-lab.ts'
import { setUp } from './set-up.ts'
import { clusterSpecOf, type FullSpec, fullSpec, type OpenLabSpec } from './spec.ts'
import { carryOut } from './verbs.ts'
import { viewOf } from './view.ts'

/** Bound of roll-outs after a change. Milliseconds. A change that never settles is the checks' business, not an error. */
const settleWithinMs = 45_000

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
  #cluster: RunningCluster | undefined
  #touched = false

  constructor(spec: FullSpec) {
    this.spec = spec
    this.learner = new Learner(spec.lab.file, spec.name, spec.store, spec.language)
  }

  /** Whether `up` may have made or changed something: false while it refused (wrong input, somebody else's lock). */
  get touched(): boolean { return this.#touched }

  /**
   * Makes the cluster, sets the lab up, stores the baseline and hands over. Idempotent: a lab that was handed over stays as the learner left it.
   * An interruption removes what this call made; another failure keeps it, with evidence.
   * @param options.recreate replace whatever runs under this name
   * @throws HOP_LAB_CHANGED, HOP_LAB_NOT_SETTLED and the provider's errors
   */
  async up(deadline: Deadline, options: { recreate?: boolean } = {}): Promise<{ reused: boolean; cluster: RunningCluster }> {
    const { spec } = this
    return this.#kept(async () => {
      if (options.recreate) await phase(spec.progress, 'remove', () => removeLab(spec, deadline))
      const before = await spec.store.read()
      const setUpHash = await contentHash(spec.lab.manifests)
      const cluster = await this.#ensure(deadline)
      const known = before?.runId === cluster.runId
      if (known && before.handedOver) {
        if (before.setUp !== setUpHash || before.lab !== spec.lab.file.id) throw HOP_LAB_CHANGED({ name: spec.name })
        return { reused: true, cluster }
      }
      await this.#handOver(cluster, setUpHash, deadline).catch((error: unknown) => this.#afterFailedHandOver(error, !known))
      return { reused: false, cluster }
    })
  }

  /** The running cluster, found if this object did not make it. @throws HOP_LAB_NOT_UP */
  async cluster(deadline: Deadline): Promise<RunningCluster> {
    const { provider, installer, name } = this.spec
    this.#cluster ??= await provider.adopt(name, { deadline, network: installer })
    return this.#cluster
  }

  /** Verifies all checks, or those of one step (by id or number) with what they need. Remembers the result. */
  async check(deadline: Deadline, options: { step?: string; phase?: string } = {}): Promise<LabResult> {
    const saved = await this.learner.saved()
    const { spec } = this
    return this.#kept(async () => {
      const started = deadline.clock.now()
      const answers = Object.assign({}, ...Object.values(saved.steps).map((one) => one.answers)) as Record<string, string>
      const cluster = await this.cluster(deadline)
      const checks = await spec.verifier.verify(checksFor(spec.lab.file, options.step, spec.language), viewOf(cluster, spec), {
        answers, deadline,
        onResult: (result) => spec.emit({ type: 'check', result, ...(options.phase === undefined ? {} : { phase: options.phase }) }),
      })
      const result = labResultOf(spec, cluster, { checks, steps: saved.steps, durationMs: deadline.clock.now() - started })
      const kept = await withEvidenceOfDoubt(spec, cluster, result)
      await this.learner.remember(kept)
      return kept
    })
  }

  /** Carries out a solution (by number or name; default the first) and gives its answers; with `step` only that step's answers. */
  async solve(deadline: Deadline, options: { solution?: string; step?: string } = {}): Promise<CaseMaterial> {
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

  /** Breaks the lab with one of its faults. */
  async inject(deadline: Deadline, name: string): Promise<FaultMaterial> {
    const fault = byName(this.spec.lab.faults, name, 'fault')
    await this.#changed(deadline, fault.do, `fault ${fault.name}`)
    await this.learner.fault(fault.name, true)
    return fault
  }

  /** Takes a fault back exactly. */
  async undo(deadline: Deadline, name: string): Promise<FaultMaterial> {
    const fault = byName(this.spec.lab.faults, name, 'fault')
    await this.#changed(deadline, fault.undo, `undo of fault ${fault.name}`)
    await this.learner.fault(fault.name, false)
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

  /** Puts the cluster back to the baseline; returns what still differs, one line each. Progress is not touched. */
  async restore(deadline: Deadline): Promise<string[]> {
    await this.learner.saved()
    return this.#kept(async () => {
      const cluster = await this.cluster(deadline)
      const baseline = await this.spec.store.readBaseline()
      if (!baseline) throw HOP_LAB_NOT_HANDED_OVER({ name: this.spec.name })
      const differences = await phase(this.spec.progress, 'reset', () => cluster.resetTo(baseline, deadline))
      return differences.map((one) => `${one.where}: ${one.what} was ${one.baseline || 'absent'}, is ${one.now || 'absent'}`)
    })
  }

  /** Removes the cluster and everything remembered. Evidence of failures stays. Safe to repeat. */
  async down(deadline: Deadline): Promise<void> {
    await this[Symbol.asyncDispose]()
    await phase(this.spec.progress, 'down', () => removeLab(this.spec, deadline))
  }

  /** {@link down} with a bound of its own, for when the command's deadline is over. */
  async downAfterwards(): Promise<void> {
    await this[Symbol.asyncDispose]()
    await removeLabAfterwards(this.spec)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster?.[Symbol.asyncDispose]()
    this.#cluster = undefined
  }

  async #ensure(deadline: Deadline): Promise<RunningCluster> {
    const { provider, progress, installer } = this.spec
    try {
      this.#cluster = await provider.ensure(clusterSpecOf(this.spec), { deadline, progress, network: installer })
      this.#touched = true
      return this.#cluster
    } catch (error) {
      const refusal = error instanceof HopError && (error.exitCode === exitCodes.usage || error.code === 'HOP_LOCKED')
      this.#touched ||= !refusal
      throw error
    }
  }

  async #handOver(cluster: RunningCluster, setUpHash: string, deadline: Deadline): Promise<void> {
    const { spec } = this
    const saved = newSavedLab(spec, cluster.runId, setUpHash)
    await spec.store.write(saved)
    await phase(spec.progress, 'lab', () => setUp(cluster, spec.lab, { name: spec.name, images: spec.images, deadline }))
    const baseline = await phase(spec.progress, 'baseline', () => cluster.takeBaseline(spec.lab.file.namespaces, deadline))
    await spec.store.writeBaseline(baseline)
    await spec.store.write({ ...saved, handedOver: true })
  }

  /** Whoever made the cluster removes it when interrupted; a cluster that was there before stays. */
  async #afterFailedHandOver(error: unknown, made: boolean): Promise<never> {
    if (made && error instanceof HopError && error.code === 'HOP_INTERRUPTED') await this.downAfterwards()
    throw error
  }

  async #changed(deadline: Deadline, verbs: readonly ReadVerb[], where: string): Promise<RunningCluster> {
    await this.learner.saved()
    return this.#kept(async () => {
      const { lab, images, progress } = this.spec
      const cluster = await this.cluster(deadline)
      await phase(progress, where, async () => {
        await carryOut(verbs, { cluster, lab: lab.file, images, where, deadline })
        await settle(cluster.kube, { deadline, namespaces: lab.file.namespaces, withinMs: settleWithinMs })
      })
      return cluster
    })
  }

  #kept<T>(work: () => Promise<T>): Promise<T> {
    return withEvidence(this.spec, () => this.#cluster, work)
  }
}
