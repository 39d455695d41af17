import { defineError, type Deadline, type Progress } from '@hoplab/core'
import { type CniImage, ensureImages, type ImageSet } from '@hoplab/images'
import type { ImageSource } from '@hoplab/model'

/** An image source that clusters of kind cannot be made from. */
export const HOP_IMAGE_SOURCE_UNSUPPORTED = defineError<{ source: string }>('HOP_IMAGE_SOURCE_UNSUPPORTED', {
  exitCode: 2,
  what: (p) => `Clusters cannot be made with images from "${p.source}".`,
  why: 'Image bundles are not read by this version.',
  fix: 'Use "--images local" after "hoplab images build", or "--images upstream".',
  state: 'Nothing was created.',
})

/** Images of one cluster, with those of its CNI, after the source was decided; all of them are in the engine then. */
export async function imagesFor(source: ImageSource, cni: readonly CniImage[], deadline: Deadline, progress: Progress): Promise<ImageSet> {
  if (source === 'bundle') throw HOP_IMAGE_SOURCE_UNSUPPORTED({ source })
  return ensureImages({ source, cni, deadline, progress })
}

/** Names by key, as results and installers take them. */
export function imageNames(set: ImageSet): Record<string, string> {
  const { source: _source, kubernetes: _kubernetes, ...names } = set
  return names
}
