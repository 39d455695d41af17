import { type Deadline, messageOf, phase } from '@hoplab/core'
import { removeLab, removeLabAfterwards, withEvidence } from '../endings.ts'
import { LabCluster } from '../lab-cluster.ts'
import type { FullSpec } from '../spec.ts'
import { refuseIfUp } from '../story.ts'
import { type Asking, interview } from './interview.ts'

/**
 * Makes a cluster with one network, asks it every question and removes the cluster, however it ends. What was heard until then stays in `asking.heard`.
 * @throws HOP_LAB_ALREADY_UP, HOP_NODE_UNREADABLE, HOP_TRACE_BROKEN and the provider's errors
 */
export async function askNetwork(spec: FullSpec, asking: Asking): Promise<void> {
  const { deadline } = asking
  await refuseIfUp({ spec }, deadline)
  await removeLeftover(spec, deadline)
  const at = new LabCluster(spec)
  try {
    await withEvidence(spec, () => at.known, () => interview(spec, at, asking))
  } catch (error) {
    await removedAfter(spec, at)
    throw error
  }
  await at[Symbol.asyncDispose]()
  await phase(spec.progress, 'down', () => removeLab(spec, deadline)).catch((error: unknown) => removedAfter(spec, at).then(() => { throw error }))
}

/** A killed command's cluster may have another network, or have been changed. */
async function removeLeftover(spec: FullSpec, deadline: Deadline): Promise<void> {
  const left = (await spec.provider.list(deadline)).some((one) => one.name === spec.name)
  if (left) await phase(spec.progress, 'remove', () => removeLab(spec, deadline))
}

async function removedAfter(spec: FullSpec, at: LabCluster): Promise<void> {
  await at[Symbol.asyncDispose]()
  if (at.touched) await removeLabAfterwards(spec).catch((thrown: unknown) => spec.progress({ type: 'note', text: `Not everything could be removed (${messageOf(thrown)}); run "hoplab clean".` }))
}
