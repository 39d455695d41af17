import type { RunningCluster } from '@hoplab/cluster'
import { contentHash, type Deadline, phase } from '@hoplab/core'
import type { FaultAction, SavedLab } from '@hoplab/model'
import type { LabMaterial } from './material.ts'
import { act } from './mutations/act.ts'
import { planOf } from './mutations/registry.ts'
import type { FullSpec } from './spec.ts'
import { viewOf } from './view.ts'

/** The lab that begins broken. */
interface Bed { spec: FullSpec; cluster: RunningCluster; deadline: Deadline }

/** Hash of all that `up` sets up: of the manifests, and of what the seed plants where it plants anything. */
export const setUpHash = async ({ manifests, planted = [] }: LabMaterial): Promise<string> => contentHash(planted.length === 0 ? manifests : { manifests, planted })

/**
 * Breaks the lab as the seed drew it and returns what is to be remembered. Each change is recorded before it is made: a set-up that was
 * interrupted makes it again instead of looking for something to break where it is broken already.
 * @throws what the faults' plans throw
 */
export async function plant(saved: SavedLab, { spec, cluster, deadline }: Bed): Promise<SavedLab> {
  const verbs = spec.lab.planted ?? []
  if (verbs.length === 0) return saved
  const where = `seed ${spec.seed}`
  const scene = { cluster, network: viewOf(cluster, spec).networkFacts, namespace: spec.lab.file.namespaces[0] ?? 'default', where, deadline }
  const planted: FaultAction[][] = [...saved.planted ?? []]
  await phase(spec.progress, 'seed', async () => {
    for (const [index, verb] of verbs.entries()) {
      planted[index] ??= (await planOf(verb, scene)).do
      await spec.store.write({ ...saved, planted })
      await act(planted[index], { cluster, where, undoing: false, deadline })
    }
  })
  return { ...saved, planted }
}

/** Makes the planted changes of nodes again, which a reset of objects does not bring back. What is broken already stays so. */
export async function plantOnNodesAgain({ planted = [] }: SavedLab, { spec, cluster, deadline }: Bed): Promise<void> {
  await act(planted.flat().filter((action) => action.act === 'node'), { cluster, where: `seed ${spec.seed}`, undoing: false, deadline })
}
