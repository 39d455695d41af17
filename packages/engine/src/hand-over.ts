import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, HopError, phase } from '@hoplab/core'
import type { SavedLab } from '@hoplab/model'
import { stepsAfter } from './credit.ts'
import { removeLab, removeLabAfterwards } from './endings.ts'
import { HOP_LAB_CHANGED, HOP_LAB_SEED_DIFFERS } from './errors.ts'
import type { LabCluster } from './lab-cluster.ts'
import { plant, setUpHash } from './planted.ts'
import { newSavedLab } from './saved-lab.ts'
import { setUp } from './set-up.ts'
import type { FullSpec } from './spec.ts'

/** How `up` starts. */
export interface UpOptions {
  /** Replace whatever runs under this name; hints taken and what `solve` did stay spent. */
  recreate?: boolean
  /** {@link recreate}, and forget also what was spent: the lab as if never seen. */
  startOver?: boolean
}

/**
 * Makes the cluster, sets the lab up, stores the baseline and hands over. A lab that was handed over stays as the learner left it.
 * @throws HOP_LAB_SEED_DIFFERS, HOP_LAB_CHANGED, HOP_LAB_NOT_SETTLED and the provider's errors
 */
export async function handOver(spec: FullSpec, at: LabCluster, deadline: Deadline, options: UpOptions): Promise<{ reused: boolean; cluster: RunningCluster }> {
  if (options.recreate || options.startOver) await phase(spec.progress, 'remove', () => removeLab(spec, deadline))
  if (options.startOver) await forgetSpent(spec)
  const before = await spec.store.read()
  if (before?.handedOver) refuseOtherSeed(spec, before)
  const hash = await setUpHash(spec.lab)
  const cluster = await at.ensure(deadline)
  const known = before?.runId === cluster.runId
  if (known && before.handedOver) {
    if (before.setUp !== hash || before.lab !== spec.lab.file.id) throw HOP_LAB_CHANGED({ name: spec.name })
    return { reused: true, cluster }
  }
  try {
    const fresh = newSavedLab(spec, { runId: cluster.runId, setUp: hash, steps: await stepsBefore(spec) })
    await settledAndStored(spec, cluster, { ...fresh, ...(known && before.setUp === hash && before.planted ? { planted: before.planted } : {}) }, deadline)
  } catch (error) {
    // Whoever made the cluster removes it when interrupted; a cluster that was there before stays.
    if (!known && error instanceof HopError && error.code === 'HOP_INTERRUPTED') { await at[Symbol.asyncDispose](); await removeLabAfterwards(spec) }
    throw error
  }
  return { reused: false, cluster }
}

async function settledAndStored(spec: FullSpec, cluster: RunningCluster, saved: SavedLab, deadline: Deadline): Promise<void> {
  await spec.store.write(saved)
  await phase(spec.progress, 'lab', () => setUp(cluster, spec.lab, { name: spec.name, images: spec.images, deadline }))
  const planted = await plant(saved, { spec, cluster, deadline })
  const baseline = await phase(spec.progress, 'baseline', () => cluster.takeBaseline(spec.lab.file.namespaces, deadline))
  await spec.store.writeBaseline(baseline)
  await spec.store.write({ ...planted, handedOver: true })
}

/** A lab that is the same for every seed goes on whatever seed is asked for. */
function refuseOtherSeed({ name, seed, lab: { file } }: FullSpec, up: SavedLab): void {
  if (file.seed !== undefined && up.lab === file.id && up.seed !== seed) throw HOP_LAB_SEED_DIFFERS({ name, lab: file.id, up: up.seed, asked: seed })
}

/** `run` and `prove` prove a lab, not a learner: they neither see nor touch what a learner spent. */
const stepsBefore = async (spec: FullSpec): Promise<SavedLab['steps']> => (spec.temporary ? {} : stepsAfter(await spec.store.readSpent(), spec.lab.file.id))

async function forgetSpent(spec: FullSpec): Promise<void> {
  const all = await spec.store.readSpent()
  const { [spec.lab.file.id]: _forgotten, ...others } = all.labs
  await spec.store.writeSpent({ ...all, labs: others })
}
