import type { LoadedLab } from '@hoplab/catalog'
import { folderStore } from '@hoplab/cli/folder-store'
import { kindProvider } from '@hoplab/cluster/kind'
import { flannelInstaller } from '@hoplab/cni/flannel'
import type { Progress } from '@hoplab/core'
import { type LabRun, openLab } from '@hoplab/engine'
import { imageSet } from '@hoplab/images'
import type { LabEvent, ProxyMode } from '@hoplab/model'
import { createVerifier } from '@hoplab/verify'

/** Which lab is opened, and how. */
export interface OpenOptions {
  lab: LoadedLab
  /** Instance name. */
  name: string
  proxyMode: ProxyMode
  progress?: Progress
  emit?: (event: LabEvent) => void
}

/** A lab on kind with Flannel and the images that were built here, to be removed by whoever opens it. */
export function openProvenLab({ lab, name, proxyMode, progress, emit }: OpenOptions): LabRun {
  return openLab({
    lab, name, proxyMode, provider: kindProvider(), installer: flannelInstaller(), verifier: createVerifier(),
    images: { 'hoplab/echo': imageSet('local').echo }, imageSource: 'local', store: folderStore(name), temporary: true,
    ...(progress ? { progress } : {}), ...(emit ? { emit } : {}),
  })
}
