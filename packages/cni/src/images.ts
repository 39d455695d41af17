import { type Deadline, HopError, isAbort } from '@hoplab/core'
import { chosenSource, type CniImage, listImages } from '@hoplab/images'
import type { ImageSource } from '@hoplab/model'
import { HOP_CNI_IMAGE_UNNAMED } from './errors.ts'
import type { Probed } from './port.ts'

/**
 * Whether a CNI that needs these images can be installed with images of this source. Home-built ones must be in the engine and cannot be had from
 * anywhere else; those of registries are brought by `up`.
 */
export async function imagesReady(cni: readonly CniImage[], source: ImageSource, deadline: Deadline): Promise<Probed> {
  if (source === 'bundle') return { ready: false, reasons: [{ what: 'Image bundles are not read by this version.', fix: 'Use "--images local" or "--images upstream".' }] }
  if (source === 'upstream') return { ready: true }
  try {
    if (await chosenSource(source, { deadline }) === 'upstream') return { ready: true }
    const missing = (await listImages({ source: 'local', cni, deadline })).filter(({ state }) => state === 'missing').map(({ ref }) => ref)
    return missing.length === 0 ? { ready: true } : { ready: false, reasons: [{ what: `The engine lacks ${missing.join(', ')}.`, fix: 'Run "./hoplab images build".' }] }
  } catch (error) {
    if (isAbort(error) || !(error instanceof HopError)) throw error
    return { ready: false, reasons: [{ what: error.facts.what, fix: error.facts.fix }] }
  }
}

/** The name of an image that `cni` cannot do without. @throws HOP_CNI_IMAGE_UNNAMED */
export function imageNamed(key: string, cni: string, images: Readonly<Record<string, string>>): string {
  const image = images[key]
  if (image === undefined) throw HOP_CNI_IMAGE_UNNAMED({ cni, key })
  return image
}
