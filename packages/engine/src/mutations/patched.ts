import { type KubeObject, refOf } from '@hoplab/kube'
import type { FaultAction } from '@hoplab/model'
import { inverse } from './inverse.ts'

type PatchAction = Extract<FaultAction, { act: 'patch' }>

/** A merge patch of an object as it stands now, and the one that takes it back. */
export function patched(object: KubeObject, value: PatchAction['value']): { do: FaultAction; undo: FaultAction } {
  const ref = refOf(object)
  return { do: { act: 'patch', ref, value }, undo: { act: 'patch', ref, value: inverse(object, value) } }
}
