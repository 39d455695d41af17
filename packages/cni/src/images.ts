import { type Deadline, HopError, isAbort } from '@hoplab/core'
import { buildCommand, chosenSource, type CniImage, listImages, unpublished } from '@hoplab/images'
import type { ImageSource } from '@hoplab/model'
import { HOP_CNI_IMAGE_UNNAMED } from './errors.ts'
import type { Probed } from './port.ts'

/**
 * Whether a CNI that needs these images can be installed with images of this source. Home-built ones must be in the engine, made from the sources of
 * now, and cannot be had from anywhere else; those of registries are brought by `up`.
 */
export async function imagesReady(cni: readonly CniImage[], source: ImageSource, deadline: Deadline): Promise<Probed> {
  if (source === 'bundle') return { ready: false, reasons: [{ what: 'Image bundles are not read by this version.', fix: 'Use "--images local" or "--images upstream".' }] }
  try {
    if (source === 'upstream' || await chosenSource(source, { deadline }) === 'upstream') return publishedReady(cni)
    const images = await listImages({ source: 'local', cni, deadline })
    const [missing, stale] = (['missing', 'stale'] as const).map((state) => images.filter((image) => image.state === state).map(({ ref }) => ref)) as [string[], string[]]
    const reasons = [...(missing.length > 0 ? [`The engine lacks ${missing.join(', ')}.`] : []), ...(stale.length > 0 ? [`Built from older sources: ${stale.join(', ')}.`] : [])]
    return reasons.length === 0 ? { ready: true } : { ready: false, reasons: reasons.map((what) => ({ what, fix: `Run "${buildCommand(cni)}".` })) }
  } catch (error) {
    if (isAbort(error) || !(error instanceof HopError)) throw error
    return { ready: false, reasons: [{ what: error.facts.what, fix: error.facts.fix }] }
  }
}

/** Images that no registry of the public has cannot be pulled; one of one's own may have them. */
function publishedReady(cni: readonly CniImage[]): Probed {
  const lacking = process.env.HOPLAB_REGISTRY ? [] : unpublished(cni)
  return lacking.length === 0 ? { ready: true } : { ready: false, reasons: [{ what: `No registry has ${lacking.join(', ')}.`, fix: `Run "${buildCommand(cni)}", and use "--images local".` }] }
}

/** The name of an image that `cni` cannot do without. @throws HOP_CNI_IMAGE_UNNAMED */
export function imageNamed(key: string, cni: string, images: Readonly<Record<string, string>>): string {
  const image = images[key]
  if (image === undefined) throw HOP_CNI_IMAGE_UNNAMED({ cni, key })
  return image
}
