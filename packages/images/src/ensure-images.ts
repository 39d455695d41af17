import { type Deadline, type Progress, silent } from '@hoplab/core'
import { buildCommand, type CniImage, unpublished } from './cni-images.ts'
import { dockerEngine, type ImageEngine } from './docker.ts'
import { HOP_IMAGES_MISSING, HOP_IMAGES_STALE, HOP_IMAGES_UNPUBLISHED } from './errors.ts'
import { type ImageSet, type ImageSource, imageSet } from './image-set.ts'
import { listImages } from './list-images.ts'
import { pullUpstream } from './pull-upstream.ts'
import { type Versions, versions as listed } from './versions.ts'

export interface EnsureOptions {
  /** `auto`: local where the home-built node image is in the engine, else upstream. With CI=true it is always local. @default auto */
  source?: ImageSource | 'auto'
  /** Images of the cluster's CNI. @default none */
  cni?: readonly CniImage[]
  deadline: Deadline
  progress?: Progress
  engine?: ImageEngine
  versions?: Versions
  env?: Record<string, string | undefined>
}

/**
 * Makes sure that every image a cluster needs is in the engine, and says which names to use.
 * `local` only looks and never asks a registry; `upstream` pulls what is missing (nothing with CI=true) and builds ours.
 * @throws HOP_IMAGES_ENGINE_UNREACHABLE, HOP_IMAGES_MISSING, HOP_IMAGES_STALE, HOP_IMAGES_PULL_FAILED, HOP_IMAGES_UNPUBLISHED
 */
export async function ensureImages(options: EnsureOptions): Promise<ImageSet> {
  const { cni = [], deadline, engine = dockerEngine, versions = listed, env = process.env, progress = silent } = options
  await engine.requireAnswer(deadline)
  const source = await chosenSource(options.source ?? 'auto', { deadline, engine, versions, env })
  // A registry that somebody named is meant to be asked, also in CI.
  const offline = env.CI === 'true' && !env.HOPLAB_REGISTRY
  const nowhere = source === 'upstream' && !env.HOPLAB_REGISTRY ? unpublished(cni) : []
  if (nowhere.length > 0) throw HOP_IMAGES_UNPUBLISHED({ images: nowhere, build: buildCommand(cni) })
  if (source === 'upstream' && !offline) {
    await pullUpstream({ cni, deadline, engine, versions, progress, ...(env.HOPLAB_REGISTRY ? { registry: env.HOPLAB_REGISTRY } : {}) })
    return imageSet('upstream', cni, versions)
  }
  const images = await listImages({ source, cni, deadline, engine, versions })
  const missing = images.filter((image) => image.state === 'missing').map((image) => image.ref)
  if (missing.length > 0) throw HOP_IMAGES_MISSING({ missing, source, build: buildCommand(cni) })
  const stale = images.filter((image) => image.state === 'stale').map((image) => image.ref)
  if (stale.length > 0) throw HOP_IMAGES_STALE({ stale, build: buildCommand(cni) })
  return imageSet(source, cni, versions)
}

/** The source that is meant: asked for, or what `auto` stands for here. */
export async function chosenSource(
  asked: ImageSource | 'auto', options: Pick<EnsureOptions, 'deadline' | 'engine' | 'versions' | 'env'>,
): Promise<ImageSource> {
  const { deadline, engine = dockerEngine, versions = listed, env = process.env } = options
  if (asked !== 'auto') return asked
  if (env.CI === 'true') return 'local'
  return await engine.inspect(imageSet('local', [], versions).node, deadline) ? 'local' : 'upstream'
}
