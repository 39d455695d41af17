import type { Answers, ClusterRanges, FaultFile, FaultVerb, LabFile, Language, Localized, Verb } from '@hoplab/model'
import type { SourceMap } from './source/source-map.ts'

/** One Kubernetes object of a manifest. Its namespace is filled in (default: the lab's first). */
export type ManifestObject = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

/** A verb whose manifests are read: `apply` carries its objects in order. */
export type LoadedVerb = Exclude<Verb, { apply: string }> | { apply: string; objects: ManifestObject[] }

/** A solution, near-miss or submission: what it changes and what it answers. */
export type LoadedCase = {
  /** Folder name, e.g. `1-mend-service`. */
  name: string
  /** Leading number of the name; 0 for a submission. */
  n: number
  title: Localized
  verbs: LoadedVerb[]
  answers: Answers
  /** Near-misses only: the checks that must catch it. */
  caughtBy?: string[]
}

/** A breakage of the solved lab, its undo, and what every check must then say. */
export type LoadedFault = {
  /** Folder name, e.g. `1-selector-typo`. */
  name: string
  n: number
  title: Localized
  layer: FaultFile['layer']
  do: (LoadedVerb | FaultVerb)[]
  /** What takes back verbs that are no fault by name; empty when all are. */
  undo: LoadedVerb[]
  expect: FaultFile['expect']
  otherwise?: FaultFile['otherwise']
  firstBrokenHop?: FaultFile['firstBrokenHop']
  in: FaultFile['in']
  on: FaultFile['on']
  proxyModes: FaultFile['proxyModes']
  cnis?: FaultFile['cnis']
}

/** A Hinglish step text and the English one it says the same as. */
export type Translation = {
  /** The Hinglish text as people can open it. */
  file: string
  /** Hash of the English text from which it was made; undefined when its first line does not tell. */
  from?: string
  /** Hash of the English text that is there now. */
  now: string
}

/** One lab with every file read. */
export type LoadedLab = {
  file: LabFile
  /** Folder name, e.g. `00-first-packet`. */
  folder: string
  /** Leading number of the folder. */
  number: number
  /** Markdown of each step by step id and language; foreign text, sanitise before showing. */
  texts: Record<string, Record<Language, string>>
  /** How current the Hinglish text of each step is, by step id. */
  translations: Record<string, Translation>
  /** Applied at set-up, in this order: the lab's namespaces first. Images of ours carry no tag: the engine puts the true one. */
  manifests: ManifestObject[]
  /** What its cluster is made with. */
  ranges: ClusterRanges
  /** Breakages that the seed drew, put in after the manifests. */
  planted: FaultVerb[]
  solutions: LoadedCase[]
  nearMisses: LoadedCase[]
  faults: LoadedFault[]
  /** Files of the folder that nothing reads (READMEs and dot files apart), as people can open them. */
  unread: string[]
  /** Where parsed values were written. */
  sources: SourceMap
}

/** Images a lab may name, without a tag: those that every image source provides for labs. */
export const labImages: readonly string[] = ['hoplab/echo']
