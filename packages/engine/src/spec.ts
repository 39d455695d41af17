import type { ClusterProvider, ClusterSpec } from '@hoplab/cluster'
import type { Addon, CniInstaller } from '@hoplab/cni'
import type { Progress } from '@hoplab/core'
import { defaultRanges, type FaultNetwork, type ImageSource, type LabEvent, type Language, optionsText, type ProxyMode } from '@hoplab/model'
import type { Verifier } from '@hoplab/verify'
import type { LabStore } from './lab-store.ts'
import type { LabMaterial } from './material.ts'

/** Everything that opening a lab takes. Whoever composes picks the implementations (the command line, or a script). */
export interface OpenLabSpec {
  lab: LabMaterial
  /** Instance name: two instances of one lab can be up under two names. @default the lab's id */
  name?: string
  provider: ClusterProvider
  installer: CniInstaller
  /** One for each of the lab's `addons`, in an order in which each finds what it needs. @default none */
  addons?: readonly Addon[]
  verifier: Verifier
  /** Image names as manifests write them (`hoplab/echo`) → the true reference in this cluster. */
  images: Readonly<Record<string, string>>
  store: LabStore
  /** Where the cluster's images come from; part of what makes one cluster equal to another. */
  imageSource: ImageSource
  /** @default iptables */
  proxyMode?: ProxyMode
  /** Leave the way to the outside open. @default false */
  internet?: boolean
  /** Recorded in results; whatever is drawn by chance in a lab is drawn from it. @default `1` */
  seed?: string
  /** Whether the caller removes the lab at the end, as `run` and `prove` do. @default false */
  temporary?: boolean
  /** Of titles in results. @default en */
  language?: Language
  /** Phases and notes. @default nobody listens */
  progress?: Progress
  /** Check and phase results as they come. @default nobody listens */
  emit?: (event: LabEvent) => void
}

/** {@link OpenLabSpec} with its defaults filled in. */
export type FullSpec = Required<OpenLabSpec>

/** Fills in the defaults. */
export function fullSpec(spec: OpenLabSpec): FullSpec {
  return {
    name: spec.lab.file.id, addons: [], proxyMode: 'iptables', internet: false, seed: '1', temporary: false, language: 'en',
    progress: () => {}, emit: () => {}, ...spec,
  }
}

/** The network of a lab, as far as faults differ by it. */
export const networkOf = ({ installer, proxyMode }: Pick<FullSpec, 'installer' | 'proxyMode'>): FaultNetwork => ({ cni: installer.name, proxyMode })

/** The cluster a lab asks for. */
export function clusterSpecOf(spec: FullSpec): ClusterSpec {
  const { pods, services } = spec.lab.ranges ?? defaultRanges
  return {
    name: spec.name, workers: spec.lab.file.workers, cni: spec.installer.name, proxyMode: spec.proxyMode,
    images: spec.imageSource, podSubnet: pods, serviceSubnet: services, internet: spec.internet,
    ...(spec.installer.options === undefined ? {} : { cniOptions: optionsText(spec.installer.options) }),
    ...(spec.addons.length === 0 ? {} : { addons: spec.addons.map(({ name }) => name) }),
  }
}
