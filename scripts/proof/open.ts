import type { LoadedLab } from '@hoplab/catalog'
import { folderStore } from '@hoplab/cli/folder-store'
import { addonsOf, installerOf } from '@hoplab/cli/implementations'
import { kindProvider } from '@hoplab/cluster/kind'
import type { Progress } from '@hoplab/core'
import { type LabRun, openLab } from '@hoplab/engine'
import { imageSet } from '@hoplab/images'
import type { CniName, LabEvent, ProxyMode } from '@hoplab/model'
import { createVerifier } from '@hoplab/verify'

/** Which lab is opened, and how. */
export interface OpenOptions {
  lab: LoadedLab
  /** Instance name. */
  name: string
  cni: CniName
  proxyMode: ProxyMode
  /** What `lab` was drawn from. @default the default seed */
  seed?: string | undefined
  progress?: Progress
  emit?: (event: LabEvent) => void
}

/** A lab on kind with the images that were built here, to be removed by whoever opens it. */
export async function openProvenLab({ lab, name, cni, proxyMode, seed, progress, emit }: OpenOptions): Promise<LabRun> {
  return openLab({
    lab, name, proxyMode, provider: kindProvider(), installer: await installerOf(cni, lab.file.cniOptions), addons: await addonsOf(lab.file.addons), verifier: createVerifier(),
    images: { 'hoplab/echo': imageSet('local').echo }, imageSource: 'local', store: folderStore(name), temporary: true,
    ...(seed === undefined ? {} : { seed }), ...(progress ? { progress } : {}), ...(emit ? { emit } : {}),
  })
}
