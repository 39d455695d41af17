import type { RunningCluster } from '@hoplab/cluster'
import { Deadline, exitCodes, HopError, messageOf, silent } from '@hoplab/core'
import type { LabResult } from '@hoplab/model'
import { HOP_CHECKS_INCONCLUSIVE } from './errors.ts'
import type { FullSpec } from './spec.ts'

/** Bounds of work that starts when the command's own deadline may be over. Milliseconds. */
const bounds = { evidence: 60_000, removal: 180_000 } as const

/**
 * Runs `work`. When it ends with an error of our environment (exit 3) that has no evidence yet, keeps some and adds its path.
 * When it was interrupted, the error passes as it is: who made something removes it.
 */
export async function withEvidence<T>(spec: FullSpec, cluster: () => RunningCluster | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof HopError) || error.exitCode !== exitCodes.inconclusive || error.facts.evidence !== undefined) throw error
    throw error.withEvidence(await keepEvidence(spec, error, cluster()))
  }
}

/** A result with an inconclusive check gets the path of what was kept; any other stays as it is. */
export async function withEvidenceOfDoubt(spec: FullSpec, cluster: RunningCluster, result: LabResult): Promise<LabResult> {
  const doubtful = result.checks.filter((check) => check.verdict === 'inconclusive')
  if (doubtful.length === 0) return result
  const error = HOP_CHECKS_INCONCLUSIVE({ checks: doubtful.map((check) => `${check.id} (${check.why})`) })
  return { ...result, evidence: await keepEvidence(spec, error, cluster) }
}

async function keepEvidence(spec: FullSpec, error: HopError, cluster: RunningCluster | undefined): Promise<string> {
  const folder = await spec.store.keepEvidence(error.facts)
  if (!cluster) return folder
  // A bound of its own: the command's may be what ran out.
  using deadline = Deadline.start('collecting evidence', bounds.evidence)
  await cluster.collectEvidence(folder, deadline).catch((thrown: unknown) =>
    spec.progress({ type: 'note', text: `Not all evidence could be had: ${messageOf(thrown)}` }))
  return folder
}

/** Removes the lab's cluster and what is remembered of it. */
export async function removeLab(spec: FullSpec, deadline: Deadline): Promise<void> {
  await spec.provider.clean({ name: spec.name, deadline, progress: spec.progress })
  await spec.store.remove()
}

/** {@link removeLab} with a bound of its own, for when the command's is over. */
export async function removeLabAfterwards(spec: FullSpec): Promise<void> {
  using deadline = Deadline.start(`removing ${spec.name}`, bounds.removal)
  await removeLab({ ...spec, progress: silent }, deadline)
}
