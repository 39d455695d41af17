import { type Deadline, HopError, isAbort } from '@hoplab/core'
import { listImages } from '@hoplab/images'
import type { ImageSource } from '@hoplab/model'
import type { CniInstaller } from './port.ts'

/**
 * Whether a CNI whose images come with every cluster can be installed with images of this source. Home-built ones are inside the node
 * image and cannot be had from anywhere else; those of registries are brought by `up`.
 */
export async function imagesReady(source: ImageSource, deadline: Deadline): ReturnType<CniInstaller['probe']> {
  if (source === 'bundle') return { ready: false, reasons: [{ what: 'Image bundles are not read by this version.', fix: 'Use "--images local" or "--images upstream".' }] }
  if (source !== 'local') return { ready: true }
  try {
    const missing = (await listImages({ source, deadline })).filter(({ state }) => state === 'missing').map(({ ref }) => ref)
    return missing.length === 0 ? { ready: true } : { ready: false, reasons: [{ what: `The engine lacks ${missing.join(', ')}.`, fix: 'Run "./hoplab images build".' }] }
  } catch (error) {
    if (isAbort(error) || !(error instanceof HopError)) throw error
    return { ready: false, reasons: [{ what: error.facts.what, fix: error.facts.fix }] }
  }
}
