import type { Deadline } from '@hoplab/core'
import { type FaultNetwork, isForNetwork, type LabResult, type PhaseResult } from '@hoplab/model'
import { faultDeviation, nearMissDeviation, repeatDeviations, solvedDeviation, untouchedDeviation } from './declared.ts'
import type { LabRun } from './lab-run.ts'
import { HOP_NAME_UNKNOWN } from './errors.ts'
import type { CaseMaterial, FaultMaterial, LabMaterial } from './material.ts'
import { undoLeftovers } from './mutations/leftovers.ts'
import { phaseOf, withPhases } from './result.ts'
import { networkOf } from './spec.ts'
import { checkedPhase, downPhase, refuseIfUp, removedAfter } from './story.ts'

/** How often everything is proven in the same cluster. */
export interface ProveOptions {
  /** @default 1. Any verdict that differs between repeats is a deviation. */
  repeat?: number
}

/**
 * Proves that a lab is what it declares: untouched scores 0, every solution is full, every near-miss is caught by the checks it names,
 * every fault (on top of solution 1) gives exactly the declared verdicts and its undo restores full points. The cluster is reset between cases,
 * or made anew where a reset in place is not enough. The lab is removed however it ends; the result's top level is the first solution phase.
 */
export async function proveLab(run: LabRun, deadline: Deadline, options: ProveOptions = {}): Promise<LabResult> {
  const started = deadline.clock.now()
  const phases: PhaseResult[] = []
  let top: LabResult | undefined
  await refuseIfUp(run, deadline)
  try {
    await run.up(deadline)
    for (let round = 0; round < (options.repeat ?? 1); round++) {
      const first = await proveOnce(run, deadline, phases, round > 0)
      top ??= first
    }
  } catch (error) {
    return removedAfter(run, error)
  }
  phases.push(await downPhase(run, deadline))
  const differing = repeatDeviations(phases)
  const judged = phases.map((phase) => withDeviation(phase, differing.get(phase.name)))
  return withPhases(top as LabResult, judged, deadline.clock.now() - started)
}

async function proveOnce(run: LabRun, deadline: Deadline, phases: PhaseResult[], touched: boolean): Promise<LabResult> {
  const { solutions, nearMisses, faults } = run.spec.lab
  if (touched) await cleanSheet(run, deadline)
  phases.push(await checkedPhase(run, 'untouched', deadline, untouchedDeviation))
  let top: LabResult | undefined
  for (const solution of solutions) {
    const name = `solution:${numberOf(solution)}`
    const phase = await provenCase(run, deadline, solution, name, solvedDeviation)
    phases.push(phase.phase)
    top ??= phase.result
    await cleanSheet(run, deadline)
  }
  for (const nearMiss of nearMisses) {
    phases.push((await provenCase(run, deadline, nearMiss, `near-miss:${numberOf(nearMiss)}`, nearMissDeviation(nearMiss))).phase)
    await cleanSheet(run, deadline)
  }
  await run.solveAsProof(deadline)
  for (const fault of faults.filter((one) => isForNetwork(one, networkOf(run.spec)))) phases.push(await provenFault(run, deadline, fault))
  return top as LabResult
}

async function provenCase(
  run: LabRun, deadline: Deadline, one: CaseMaterial, name: string, deviationOf: (result: LabResult) => string | undefined,
): Promise<{ phase: PhaseResult; result: LabResult }> {
  const started = deadline.clock.now()
  await run.carryOut(deadline, one, { where: `${name} ${one.name}` })
  const result = await run.check(deadline, { phase: name })
  const phase = phaseOf(name, result, deviationOf(result), deadline.clock.now() - started)
  run.spec.emit({ type: 'phase', result: phase })
  return { phase, result }
}

async function provenFault(run: LabRun, deadline: Deadline, fault: FaultMaterial): Promise<PhaseResult> {
  const name = `fault:${numberOf(fault)}`
  const started = deadline.clock.now()
  const { namespaces } = run.spec.lab.file
  const cluster = await run.cluster(deadline)
  const before = await cluster.takeBaseline(namespaces, deadline)
  await run.inject(deadline, fault.name)
  const broken = await run.check(deadline, { phase: name })
  await run.undo(deadline, fault.name)
  const left = await undoLeftovers(cluster, before, namespaces, deadline)
  const mended = solvedDeviation(await run.check(deadline, { phase: `${name} undone` }))
  const deviations = [faultDeviation(fault, networkOf(run.spec))(broken), mended === undefined ? undefined : `its undo does not restore: ${mended}`,
    left.length === 0 ? undefined : `its undo leaves ${left.map((one) => `${one.where}: ${one.what} was ${one.baseline || 'absent'}, is ${one.now || 'absent'}`).join(' and ')}`]
  const deviation = deviations.filter((one) => one !== undefined).join('; ') || undefined
  const phase = phaseOf(name, broken, deviation, deadline.clock.now() - started)
  run.spec.emit({ type: 'phase', result: phase })
  return phase
}

/** Back to the hand-over with no answer given; a new cluster where that is the only way. */
export async function cleanSheet(run: LabRun, deadline: Deadline): Promise<void> {
  const differences = await run.restore(deadline)
  if (differences.length > 0) {
    run.spec.progress({ type: 'note', text: `recreate needed: ${differences.join('; ')}` })
    await run.up(deadline, { recreate: true })
  }
  await run.learner.forget()
}

/** `1` of `1-mend-service`; the name itself when it has no number. */
function numberOf(one: { name: string }): string {
  return /^\d+/u.exec(one.name)?.[0] ?? one.name
}

function withDeviation(phase: PhaseResult, deviation: string | undefined): PhaseResult {
  if (deviation === undefined) return phase
  return { ...phase, asDeclared: false, deviation: phase.deviation === undefined ? deviation : `${phase.deviation}; ${deviation}` }
}

/**
 * Proves one case of a lab that is up, by the name its phase has: `untouched` and every `solution:N` and `near-miss:N` from a clean sheet
 * ({@link cleanSheet}); `healthy` and every `fault:N` on top of solution 1. A fault is taken back, and full points must return.
 * @throws HOP_NAME_UNKNOWN for a case the lab does not have
 */
export async function proveCase(run: LabRun, deadline: Deadline, name: string): Promise<PhaseResult> {
  const { solutions, nearMisses, faults } = run.spec.lab
  const [sort = '', number = ''] = name.split(':')
  switch (sort) {
    case 'untouched': return checkedPhase(run, name, deadline, untouchedDeviation)
    case 'healthy': return checkedPhase(run, name, deadline, solvedDeviation)
    case 'solution': return (await provenCase(run, deadline, byNumber(solutions, number, sort), name, solvedDeviation)).phase
    case 'near-miss': {
      const nearMiss = byNumber(nearMisses, number, sort)
      return (await provenCase(run, deadline, nearMiss, name, nearMissDeviation(nearMiss))).phase
    }
    default: return provenFault(run, deadline, byNumber(faults, number, 'fault'))
  }
}

/** Names of all cases of a lab in this network, in the order in which the fewest resets are needed. */
export function caseNames({ solutions, nearMisses, faults: all }: LabMaterial, network: FaultNetwork): string[] {
  const faults = all.filter((fault) => isForNetwork(fault, network))
  const [first = [], ...others] = solutions.map((solution) => [`solution:${numberOf(solution)}`])
  return ['untouched', first, 'healthy', faults.map((fault) => `fault:${numberOf(fault)}`), others, nearMisses.map((nearMiss) => `near-miss:${numberOf(nearMiss)}`)].flat(2)
}

function byNumber<T extends { name: string }>(all: readonly T[], number: string, sort: string): T {
  const found = all.find((one) => numberOf(one) === number)
  if (!found) throw HOP_NAME_UNKNOWN({ sort, name: number, known: all.map((one) => one.name) })
  return found
}
