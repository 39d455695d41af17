import { type Deadline, labels } from '@hoplab/core'
import { allSteps, planned } from './build/plan.ts'
import { hashAll } from './build/build-images.ts'
import { inputsLabel } from './build/step.ts'
import { dockerEngine, type ImageEngine } from './docker.ts'
import { type ImageSource, imageSet } from './image-set.ts'
import { type Versions, versions as listed } from './versions.ts'

/** One image that a cluster uses, and what the engine has of it. */
export interface ListedImage {
  /** What the cluster uses it for. */
  use: 'node' | 'toolbox' | 'echo' | 'flannel' | 'flannelCniPlugin'
  ref: string
  /** `stale`: built here from sources that have changed since. */
  state: 'present' | 'missing' | 'stale'
  /** What the image itself says; an image without our label came from a registry. */
  builtHere?: boolean
  id?: string
  bytes?: number
}

const stepOf = { node: 'node', toolbox: 'toolbox', echo: 'echo' } as const
/** With `local` Flannel's images are inside the node image, whose hash covers them. */
const uses = { local: ['node', 'toolbox', 'echo'], upstream: ['node', 'toolbox', 'echo', 'flannel', 'flannelCniPlugin'] } as const

/** The images that a cluster with this source needs in the engine, with their state. Asks no registry. */
export async function listImages(options: {
  source: ImageSource; deadline: Deadline; engine?: ImageEngine; versions?: Versions
}): Promise<ListedImage[]> {
  const { source, deadline, engine = dockerEngine, versions = listed } = options
  const set = imageSet(source, versions)
  const hashes = source === 'local' ? await hashAll(planned(Object.values(stepOf)), versions) : undefined
  return Promise.all(uses[source].map(async (use): Promise<ListedImage> => {
    const ref = set[use]
    const facts = await engine.inspect(ref, deadline)
    if (!facts) return { use, ref, state: 'missing' }
    const step = use in stepOf ? stepOf[use as keyof typeof stepOf] : undefined
    const stale = hashes !== undefined && step !== undefined && facts.labels[inputsLabel] !== hashes.get(step)
    return { use, ref, state: stale ? 'stale' : 'present', builtHere: facts.labels[labels.source] === 'local', id: facts.id, bytes: facts.bytes }
  }))
}

/** Every step that a local build knows, by name, in order. */
export const imageSteps = (): string[] => allSteps.map((step) => step.name)
