import type { Deadline } from '@hoplab/core'
import type { LabResult, PhaseResult } from '@hoplab/model'
import { faultDeviation, nearMissDeviation, repeatDeviations, solvedDeviation, untouchedDeviation } from './declared.ts'
import type { LabRun } from './lab-run.ts'
import type { CaseMaterial, FaultMaterial } from './material.ts'
import { phaseOf, withPhases } from './result.ts'
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
  for (const fault of faults) phases.push(await provenFault(run, deadline, fault))
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
  await run.inject(deadline, fault.name)
  const broken = await run.check(deadline, { phase: name })
  await run.undo(deadline, fault.name)
  const mended = solvedDeviation(await run.check(deadline, { phase: `${name} undone` }))
  const deviations = [faultDeviation(fault)(broken), mended === undefined ? undefined : `its undo does not restore: ${mended}`]
  const deviation = deviations.filter((one) => one !== undefined).join('; ') || undefined
  const phase = phaseOf(name, broken, deviation, deadline.clock.now() - started)
  run.spec.emit({ type: 'phase', result: phase })
  return phase
}

/** Back to the hand-over with no answer given; a new cluster where that is the only way. */
async function cleanSheet(run: LabRun, deadline: Deadline): Promise<void> {
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
