import { type Deadline, messageOf } from '@hoplab/core'
import type { LabResult, PhaseResult } from '@hoplab/model'
import { solvedDeviation, untouchedDeviation } from './declared.ts'
import { HOP_LAB_ALREADY_UP } from './errors.ts'
import type { LabRun } from './lab-run.ts'
import { phaseOf, withPhases } from './result.ts'
import type { FullSpec } from './spec.ts'

/**
 * The whole story of a lab: up, check (red, 0 points), solve, check (full), down (nothing left).
 * The lab is removed however it ends; the result's top level is the solution phase.
 */
export async function runStory(run: LabRun, deadline: Deadline): Promise<LabResult> {
  const started = deadline.clock.now()
  const phases: PhaseResult[] = []
  let result: LabResult
  await refuseIfUp(run, deadline)
  try {
    await run.up(deadline)
    phases.push(await checkedPhase(run, 'untouched', deadline, untouchedDeviation))
    await run.solveAsProof(deadline)
    result = await run.check(deadline, { phase: 'solution:1' })
    phases.push(emitted(run, phaseOf('solution:1', result, solvedDeviation(result), result.durationMs)))
  } catch (error) {
    return removedAfter(run, error)
  }
  phases.push(await downPhase(run, deadline))
  return withPhases(result, phases, deadline.clock.now() - started)
}

/** `run` and `prove` remove the lab at the end, so they never take one that somebody works in. @throws HOP_LAB_ALREADY_UP */
export async function refuseIfUp(run: { spec: Pick<FullSpec, 'provider' | 'store' | 'name'> }, deadline: Deadline): Promise<void> {
  const { provider, store, name } = run.spec
  const found = (await provider.list(deadline)).find((one) => one.name === name)
  if (found?.state === 'up' && (await store.read())?.handedOver) throw HOP_LAB_ALREADY_UP({ name })
}

/** Removes the lab after a failure, then throws the failure: a removal that fails as well must not hide it. */
export async function removedAfter(run: LabRun, error: unknown): Promise<never> {
  if (run.touched) await run.downAfterwards().catch((thrown: unknown) => run.spec.progress({ type: 'note', text: `Not everything could be removed (${messageOf(thrown)}); run "hoplab clean".` }))
  throw error
}

/** Checks everything as one phase and compares it with what is declared. */
export async function checkedPhase(
  run: LabRun, name: string, deadline: Deadline, deviationOf: (result: LabResult) => string | undefined,
): Promise<PhaseResult> {
  const started = deadline.clock.now()
  const result = await run.check(deadline, { phase: name })
  return emitted(run, phaseOf(name, result, deviationOf(result), deadline.clock.now() - started))
}

/** Removes the lab and looks whether anything of it is left. A removal that is interrupted or fails is done again to its end before that is thrown. */
export async function downPhase(run: LabRun, deadline: Deadline): Promise<PhaseResult> {
  const started = deadline.clock.now()
  await run.down(deadline).catch((error: unknown) => removedAfter(run, error))
  const left = (await run.spec.provider.list(deadline)).filter((found) => found.name === run.spec.name)
  const names = left.flatMap((found) => [...found.containers, ...found.networks])
  return emitted(run, {
    name: 'down', verdict: left.length === 0 ? 'pass' : 'fail', points: 0, maxPoints: 0, checks: [], asDeclared: left.length === 0,
    ...(left.length === 0 ? {} : { deviation: `left behind: ${names.join(', ')}` }), durationMs: deadline.clock.now() - started,
  })
}

function emitted(run: LabRun, result: PhaseResult): PhaseResult {
  run.spec.emit({ type: 'phase', result })
  return result
}
