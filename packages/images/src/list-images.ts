import { type Deadline, labels } from '@hoplab/core'
import { allSteps, planned } from './build/plan.ts'
import { hashAll } from './build/build-images.ts'
import { inputsLabel } from './build/step.ts'
import { type CniImage, cniImages, everyCniImage } from './cni-images.ts'
import { dockerEngine, type ImageEngine } from './docker.ts'
import { cniImageName, type ImageSource, imageSet } from './image-set.ts'
import { type Versions, versions as listed } from './versions.ts'

/** One image that a cluster uses, and what the engine has of it. */
export interface ListedImage {
  /** What the cluster uses it for. */
  use: 'node' | 'toolbox' | 'echo' | CniImage
  ref: string
  /** `stale`: built here from sources that have changed since. */
  state: 'present' | 'missing' | 'stale'
  /** What the image itself says; an image without our label came from a registry. */
  builtHere?: boolean
  id?: string
  bytes?: number
}

const common = ['node', 'toolbox', 'echo'] as const
const isCommon = (use: ListedImage['use']): use is (typeof common)[number] => common.some((one) => one === use)
const stepOf = (use: ListedImage['use']): string => (isCommon(use) ? use : cniImages[use].step)

/** With `local`, an image that is inside the node image is not looked for: the node's hash covers it. */
const usesOf = (source: ImageSource, cni: readonly CniImage[]): ListedImage['use'][] =>
  [...common, ...cni.filter((key) => source === 'upstream' || cniImages[key].place !== 'node-image')]

/**
 * The images that a cluster with this source needs in the engine, with their state. Asks no registry.
 * `cni`: those of its CNI. @default the images of every CNI
 */
export async function listImages(options: {
  source: ImageSource; deadline: Deadline; cni?: readonly CniImage[]; engine?: ImageEngine; versions?: Versions
}): Promise<ListedImage[]> {
  const { source, deadline, cni = everyCniImage, engine = dockerEngine, versions = listed } = options
  const set = imageSet(source, [], versions)
  const uses = usesOf(source, cni)
  const hashes = source === 'local' ? await hashAll(planned(uses.map(stepOf)), versions) : undefined
  return Promise.all(uses.map(async (use): Promise<ListedImage> => {
    const ref = isCommon(use) ? set[use] : cniImageName(source, use, versions)
    const facts = await engine.inspect(ref, deadline)
    if (!facts) return { use, ref, state: 'missing' }
    const stale = hashes !== undefined && facts.labels[inputsLabel] !== hashes.get(stepOf(use))
    return { use, ref, state: stale ? 'stale' : 'present', builtHere: facts.labels[labels.source] === 'local', id: facts.id, bytes: facts.bytes }
  }))
}

/** Every step that a local build knows, by name, in order. */
export const imageSteps = (): string[] => allSteps.map((step) => step.name)
