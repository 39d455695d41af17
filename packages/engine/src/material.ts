import type { KubeObject } from '@hoplab/kube'
import type { Answers, ClusterRanges, FaultFile, FaultVerb, LabFile, Localized, Verb } from '@hoplab/model'

/** A verb of a case with its `apply` files already read. */
export type ReadVerb = Exclude<Verb, { apply: string }> | { apply: string; objects: KubeObject[] }

/** A solution, near-miss or submission as the engine needs it. */
export interface CaseMaterial {
  /** Folder name, e.g. `1-mend-service`. */
  name: string
  title: Localized
  verbs: readonly ReadVerb[]
  answers: Answers
  /** Near-misses only: the checks that must catch it. */
  caughtBy?: readonly string[]
}

/** A fault as the engine needs it. */
export interface FaultMaterial {
  /** Folder name, e.g. `1-selector-typo`. */
  name: string
  title: Localized
  layer: FaultFile['layer']
  do: readonly (ReadVerb | FaultVerb)[]
  /** What takes back verbs that are no fault by name; empty when all are. */
  undo: readonly ReadVerb[]
  expect: FaultFile['expect']
  otherwise?: FaultFile['otherwise']
  firstBrokenHop?: FaultFile['firstBrokenHop']
  in: FaultFile['in']
  on: FaultFile['on']
  proxyModes: FaultFile['proxyModes']
  cnis?: FaultFile['cnis']
}

/** One lab with everything read: what the engine works from. `@hoplab/catalog` makes it. */
export interface LabMaterial {
  file: LabFile
  /** What `up` applies. Images of ours are named without a tag, e.g. `hoplab/echo`. */
  manifests: readonly KubeObject[]
  /** Of the cluster that `up` makes. @default {@link defaultRanges} */
  ranges?: ClusterRanges
  /** What `up` breaks afterwards, as the seed drew it. @default nothing */
  planted?: readonly FaultVerb[]
  solutions: readonly CaseMaterial[]
  nearMisses: readonly CaseMaterial[]
  faults: readonly FaultMaterial[]
}
