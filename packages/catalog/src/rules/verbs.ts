import type { FaultVerb } from '@hoplab/model'
import type { LoadedLab, LoadedVerb } from '../loaded-lab.ts'

/** Every verb of solutions and near-misses: what is held to the lab's own namespaces. */
export function caseVerbs(lab: LoadedLab): LoadedVerb[] {
  return [...lab.solutions, ...lab.nearMisses].flatMap(({ verbs }) => verbs)
}

/** Every verb of faults that is no fault by name. */
export function faultVerbs(lab: LoadedLab): LoadedVerb[] {
  return lab.faults.flatMap((fault) => [...fault.do.filter((verb): verb is LoadedVerb => !('fault' in verb)), ...fault.undo])
}

/** Every fault by name, those that the lab may begin with too. */
export function namedFaults(lab: LoadedLab): FaultVerb[] {
  return [...lab.planted, ...lab.faults.flatMap((fault) => fault.do.filter((verb): verb is FaultVerb => 'fault' in verb))]
}
