import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentHash, type Deadline, HopError, labels, phase, type Progress } from '@hoplab/core'
import { filesBelow, packageFolder } from './build/source-files.ts'
import { inputsLabel } from './build/step.ts'
import type { ImageEngine, ImageFacts } from './docker.ts'
import { type CniImage, cniImages } from './cni-images.ts'
import { HOP_IMAGES_PULL_FAILED } from './errors.ts'
import { imageSet } from './image-set.ts'
import type { Published, Versions } from './versions.ts'

interface PullOptions {
  /** Images of the cluster's CNI. */
  cni: readonly CniImage[]
  deadline: Deadline
  engine: ImageEngine
  versions: Versions
  progress: Progress
  /** Host (and port) from which everything is pulled instead: third-party images under their own path, ours ready-made. */
  registry?: string
}

/** Brings the images of source `upstream` into the engine: pulls third-party ones, pulls or builds ours. What is there stays. */
export async function pullUpstream(options: PullOptions): Promise<void> {
  const { cni, versions } = options
  const published = cni.filter((key) => cniImages[key].ours === undefined || options.registry !== undefined)
  for (const image of [versions.upstream.node, ...published.map((key) => cniImages[key].upstream(versions))]) await ensurePulled(image, options)
  const { toolbox, echo } = imageSet('upstream', [], versions)
  if (options.registry) {
    for (const image of [toolbox, echo]) await ensurePulled({ image }, options)
  } else await buildOurs(options)
}

/** What an engine pulls: the digest decides where there is one. */
const pullName = ({ image, digest }: Published): string => (digest ? `${image.slice(0, image.lastIndexOf(':'))}@${digest}` : image)

/** Whether this very image is there under its ordinary name, whichever registry gave it. */
export function isThere({ digest }: Published, facts: ImageFacts | undefined): boolean {
  return facts !== undefined && (digest === undefined || facts.digests.some((known) => known.endsWith(`@${digest}`)))
}

/** Pulls one image unless the engine has it, and gives it its ordinary name: one pulled by digest or from elsewhere has none. */
async function ensurePulled(image: Published, { deadline, engine, progress, registry }: PullOptions): Promise<void> {
  if (isThere(image, await engine.inspect(image.image, deadline))) return
  const from = registry ? `${registry}/${pathOf(pullName(image))}` : pullName(image)
  await phase(progress, `pull ${from}`, async () => {
    try {
      await engine.run(['pull', '--quiet', from], { deadline })
      if (from !== image.image) await engine.run(['tag', from, image.image], { deadline })
    } catch (error) {
      if (error instanceof HopError && error.code === 'HOP_PROGRAM_FAILED') throw HOP_IMAGES_PULL_FAILED({ image: from, said: error.facts.why }, { cause: error })
      throw error
    }
  })
}

/** Path of an image inside a registry: its name without a registry's host. */
export function pathOf(ref: string): string {
  const [first = '', ...rest] = ref.split('/')
  return rest.length > 0 && /[.:]|^localhost$/u.test(first) ? rest.join('/') : ref
}

/** Builds base, programs, toolbox, echo and what nobody publishes for the CNI from the public Debian and Go images, with the Dockerfiles that the local build uses. */
async function buildOurs(options: PullOptions): Promise<void> {
  const { versions } = options
  const { ours, upstream } = versions
  const set = imageSet('upstream', [], options.versions)
  const tools = `hoplab/base:${ours.toolbox}-upstream`
  const programs = `hoplab/programs:${ours.toolbox}-upstream`
  for (const image of [upstream.debian, upstream.golang]) await ensurePulled(image, options)
  await build('base', tools, { DEBIAN: upstream.debian }, [], options)
  await build('programs', programs, { GOLANG: upstream.golang }, ['programs'], options)
  for (const key of options.cni) {
    const { ours: sources, takesPrograms, parts, step, upstream: named } = cniImages[key]
    if (!sources || takesPrograms) continue
    const below = await filesBelow('dockerfiles/base', ...(parts ? [`dockerfiles/${parts}`, ...sources] : []))
    const image = { image: `hoplab/${parts}:${ours.toolbox}-upstream` }
    if (parts) await build(parts, image.image, { GOLANG: upstream.golang }, [...sources], options)
    await build(step, named(versions).image, { BASE: { image: tools }, ...(parts ? { PARTS: image } : { GOLANG: upstream.golang }) }, parts ? [] : [...sources], options, below)
  }
  await options.engine.run(['image', 'prune', '--force', '--filter', `label=${labels.role}=build`], { deadline: options.deadline })
  const bases = { BASE: { image: tools }, PROGRAMS: { image: programs } }
  const below = await filesBelow('programs', 'dockerfiles/base')
  await build('toolbox', set.toolbox, bases, [], options, below)
  await build('echo', set.echo, bases, [], options, below)
  for (const key of options.cni) if (cniImages[key].takesPrograms) await build(cniImages[key].step, cniImages[key].upstream(versions).image, bases, [], options, below)
}

async function build(
  name: string, ref: string, from: Record<string, Published>, sources: string[], { engine, deadline, progress }: PullOptions, below: unknown = {},
): Promise<void> {
  const hash = await contentHash({ from, below, files: await filesBelow(`dockerfiles/${name}`, ...sources) })
  if ((await engine.inspect(ref, deadline))?.labels[inputsLabel] === hash) return
  const scratch = await mkdtemp(join(tmpdir(), 'hoplab-build-'))
  try {
    await cp(join(packageFolder, 'dockerfiles', name), scratch, { recursive: true })
    for (const folder of sources) await cp(join(packageFolder, folder), join(scratch, folder), { recursive: true })
    const args = Object.fromEntries(Object.entries(from).map(([argument, { image }]) => [argument, image]))
    const own = { [inputsLabel]: hash, [labels.source]: 'upstream' }
    await phase(progress, `image ${name}`, () => engine.build({ folder: scratch, ref, args, labels: own, deadline }), 60_000)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
