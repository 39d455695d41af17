import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { contentHash, type Deadline, labels } from '@hoplab/core'
import { cacheFolder } from '@hoplab/core/node'
import type { ImageEngine } from '../docker.ts'
import type { Versions } from '../versions.ts'

/** What a step gets to work with. */
export interface BuildContext {
  deadline: Deadline
  engine: ImageEngine
  versions: Versions
  /** Each line that a program of the step prints; goes to the build log. */
  onLine: (line: string) => void
  /** Folder that an earlier step has made. */
  folderOf(step: string): string
  /** Name of the image that an earlier step has made. */
  refOf(step: string): string
}

/** One step of the build. Its output is found again by the hash of its inputs, so nothing is made twice. */
export interface Step {
  name: string
  /** Steps whose output this one uses. */
  needs: readonly string[]
  /** Wall-clock milliseconds on two cores with cold caches (measured here). */
  expectedMs: number
  /** Programs of this machine that it calls, other than `docker`. */
  tools: readonly ('go' | 'gcc' | 'pcap-config' | 'debootstrap' | 'root')[]
  /** Left out unless somebody names it, or what needs it. */
  onRequest?: true
  /** Everything of our own that decides the output, besides {@link needs}. */
  inputs(context: Pick<BuildContext, 'versions'>): Promise<unknown>
  output: FolderOutput | ImageOutput
}

/** A folder in the cache; `make` fills an empty one, which gets its name only when it is whole. */
export interface FolderOutput { kind: 'folder'; make(folder: string, context: BuildContext): Promise<void> }

/** An image in the engine; `make` must give it `ref` and all of `labels`. `scratch` is an empty folder that is removed afterwards. */
export interface ImageOutput {
  kind: 'image'
  ref(versions: Versions): string
  make(image: { ref: string; labels: Record<string, string>; scratch: string }, context: BuildContext): Promise<void>
}

/** Label that carries the hash of the inputs an image was made from. */
export const inputsLabel = 'hoplab.dev/inputs'

/** Folder of all that the build keeps. */
export const buildFolder = (): string => join(cacheFolder(), 'images')

/** Where the folder of a step with this input hash is or will be. */
export const stepFolder = (name: string, hash: string): string => join(buildFolder(), `${name}-${hash.slice(0, 16)}`)

/** Hash of a step's inputs and, through `needs`, of everything below it. */
export async function inputHash(step: Step, context: Pick<BuildContext, 'versions'>, hashOf: (name: string) => string): Promise<string> {
  return contentHash({ name: step.name, inputs: await step.inputs(context), needs: step.needs.map(hashOf) })
}

/** Whether the output for this hash is there already. */
export async function isMade(step: Step, hash: string, context: Pick<BuildContext, 'versions' | 'engine' | 'deadline'>): Promise<boolean> {
  if (step.output.kind === 'folder') return existsSync(stepFolder(step.name, hash))
  const image = await context.engine.inspect(step.output.ref(context.versions), context.deadline)
  return image?.labels[inputsLabel] === hash
}

/** Makes the output. Killed half-way it leaves only a folder named `….making-…`, which the next build removes. */
export async function makeStep(step: Step, hash: string, context: BuildContext): Promise<void> {
  await mkdir(buildFolder(), { recursive: true })
  const scratch = await mkdtemp(`${stepFolder(step.name, hash)}.making-${process.pid}-`)
  try {
    if (step.output.kind === 'folder') {
      await step.output.make(scratch, context)
      await rename(scratch, stepFolder(step.name, hash))
    } else {
      const own = { [inputsLabel]: hash, [labels.source]: 'local' }
      await step.output.make({ ref: step.output.ref(context.versions), labels: own, scratch }, context)
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
