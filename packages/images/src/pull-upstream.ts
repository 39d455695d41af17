import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contentHash, type Deadline, HopError, labels, phase, type Progress } from '@hoplab/core'
import { filesBelow, packageFolder } from './build/source-files.ts'
import { inputsLabel } from './build/step.ts'
import type { ImageEngine } from './docker.ts'
import { HOP_IMAGES_PULL_FAILED } from './errors.ts'
import { imageSet, pinned } from './image-set.ts'
import type { Versions } from './versions.ts'

interface PullOptions {
  deadline: Deadline
  engine: ImageEngine
  versions: Versions
  progress: Progress
  /** Host (and port) from which everything is pulled instead: third-party images under their own path, ours ready-made. */
  registry?: string
}

/** Brings the images of source `upstream` into the engine: pulls third-party ones, pulls or builds ours. What is there stays. */
export async function pullUpstream(options: PullOptions): Promise<void> {
  const { versions } = options
  const set = imageSet('upstream', versions)
  for (const ref of [set.node, set.flannel, set.flannelCniPlugin]) await ensurePulled(ref, options)
  if (options.registry) {
    for (const ref of [set.toolbox, set.echo]) await ensurePulled(ref, options)
  } else await buildOurs(options)
}

/** Pulls one image unless the engine has it; from {@link PullOptions.registry} it gets its ordinary name afterwards. */
async function ensurePulled(ref: string, { deadline, engine, progress, registry }: PullOptions): Promise<void> {
  if (await engine.inspect(ref, deadline)) return
  const from = registry ? `${registry}/${pathOf(ref)}` : ref
  await phase(progress, `pull ${from}`, async () => {
    try {
      await engine.run(['pull', '--quiet', from], { deadline })
      // A digest is no name that can be given: the plain tag is, and the digest stays attached to the image by itself.
      if (from !== ref) await engine.run(['tag', from, ref.split('@')[0] ?? ref], { deadline })
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

/** Builds base, programs, toolbox and echo from the public Debian and Go images, with the Dockerfiles that the local build uses. */
async function buildOurs(options: PullOptions): Promise<void> {
  const { versions: { ours, upstream } } = options
  const debian = pinned(upstream.debian)
  const tools = 'hoplab/base:upstream'
  const programs = `hoplab/programs:${ours.toolbox}-upstream`
  await build('base', tools, { DEBIAN: debian }, [], options)
  await build('programs', programs, { GOLANG: pinned(upstream.golang) }, ['programs'], options)
  const bases = { BASE: tools, PROGRAMS: programs }
  const below = await filesBelow('programs', 'dockerfiles/base')
  await build('toolbox', imageSet('upstream', options.versions).toolbox, bases, [], options, below)
  await build('echo', imageSet('upstream', options.versions).echo, bases, [], options, below)
}

async function build(
  name: string, ref: string, args: Record<string, string>, sources: string[], { engine, deadline, progress }: PullOptions, below: unknown = {},
): Promise<void> {
  const hash = await contentHash({ upstream: args, below, files: await filesBelow(`dockerfiles/${name}`, ...sources) })
  if ((await engine.inspect(ref, deadline))?.labels[inputsLabel] === hash) return
  const scratch = await mkdtemp(join(tmpdir(), 'hoplab-build-'))
  try {
    await cp(join(packageFolder, 'dockerfiles', name), scratch, { recursive: true })
    for (const folder of sources) await cp(join(packageFolder, folder), join(scratch, folder), { recursive: true })
    const own = { [inputsLabel]: hash, [labels.source]: 'upstream' }
    await phase(progress, `image ${name}`, () => engine.build({ folder: scratch, ref, args, labels: own, deadline }), 60_000)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
