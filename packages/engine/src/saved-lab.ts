import { type SavedLab, savedLabVersion, type SavedStep } from '@hoplab/model'
import type { FullSpec } from './spec.ts'

/** What is remembered of a new cluster; not handed over yet. `steps` is what an earlier cluster of this lab leaves. */
export function newSavedLab(spec: FullSpec, cluster: { runId: string; setUp: string; steps: SavedLab['steps'] }): SavedLab {
  const { runId, setUp, steps } = cluster
  return {
    schemaVersion: savedLabVersion, name: spec.name, lab: spec.lab.file.id, setUp, runId,
    provider: spec.provider.name, cni: spec.installer.name, ...(spec.installer.options ? { cniOptions: spec.installer.options } : {}), proxyMode: spec.proxyMode, images: spec.imageSource,
    internet: spec.internet, seed: spec.seed, temporary: spec.temporary, handedOver: false, faults: [], steps,
  }
}

/** What is known of one step; nothing yet when it was never touched. */
export function savedStep(saved: SavedLab, id: string): SavedStep {
  return saved.steps[id] ?? { answers: {}, hintsTaken: 0, done: false }
}
