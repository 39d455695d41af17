import type { LoadedLab, LoadedVerb } from '../loaded-lab.ts'

/** Every verb of solutions and near-misses: what is held to the lab's own namespaces. */
export function caseVerbs(lab: LoadedLab): LoadedVerb[] {
  return [...lab.solutions, ...lab.nearMisses].flatMap(({ verbs }) => verbs)
}

/** Every verb of faults. */
export function faultVerbs(lab: LoadedLab): LoadedVerb[] {
  return lab.faults.flatMap((fault) => [...fault.do, ...fault.undo])
}
