import type { RunningCluster } from '@hoplab/cluster'
import { type CheckResult, type LabResult, type PhaseResult, resultSchemaVersion, type SavedStep, together } from '@hoplab/model'
import { score } from './score.ts'
import type { FullSpec } from './spec.ts'

/** What a result is made of. */
export interface ResultParts {
  checks: readonly CheckResult[]
  steps: Readonly<Record<string, SavedStep>>
  durationMs: number
}

/** The result every graded command prints. */
export function labResultOf(spec: FullSpec, cluster: RunningCluster, parts: ResultParts): LabResult {
  const { file } = spec.lab
  return {
    schemaVersion: resultSchemaVersion,
    lab: file.id, section: file.section,
    provider: spec.provider.name, cni: spec.installer.name, ...(spec.installer.options ? { cniOptions: spec.installer.options } : {}), seed: spec.seed,
    cluster: cluster.facts(),
    verdict: together(parts.checks.map((check) => check.verdict)),
    ...score(file, parts.checks, parts.steps),
    durationMs: parts.durationMs,
    checks: [...parts.checks],
  }
}

/** A phase of `run` or `prove` from the result of its checks and how it differs from what the lab declares. */
export function phaseOf(name: string, result: LabResult, deviation: string | undefined, durationMs: number): PhaseResult {
  return {
    name, verdict: result.verdict, points: result.points, maxPoints: result.maxPoints, checks: result.checks,
    asDeclared: deviation === undefined, ...(deviation === undefined ? {} : { deviation }),
    ...(result.evidence === undefined ? {} : { evidence: result.evidence }), durationMs,
  }
}

/** A result with its phases, and the first evidence that any of them kept. */
export function withPhases(result: LabResult, phases: PhaseResult[], durationMs: number): LabResult {
  const evidence = phases.find((phase) => phase.evidence !== undefined)?.evidence
  return { ...result, ...(evidence === undefined ? {} : { evidence }), durationMs, phases }
}
