import { appendFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Deadline, HopError, labels, phase, type Progress, silent } from '@hoplab/core'
import { lock } from '@hoplab/core/node'
import { dockerEngine, type ImageEngine } from '../docker.ts'
import { HOP_IMAGES_STEP_FAILED } from '../errors.ts'
import { type Versions, versions as listed } from '../versions.ts'
import { allSteps, planned } from './plan.ts'
import { type Machine, requireMachine, thisMachine } from './machine.ts'
import { type BuildContext, buildFolder, inputHash, isMade, makeStep, type Step, stepFolder } from './step.ts'

export interface BuildOptions {
  deadline: Deadline
  progress?: Progress
  /** Names of images or steps; they and what they need are built. @default all */
  only?: readonly string[]
  engine?: ImageEngine
  versions?: Versions
  steps?: readonly Step[]
  /** What the machine offers; looked at before the first step. @default this one */
  machine?: Machine
}

/** What became of one step. */
export interface StepOutcome { name: string; hash: string; made: boolean; durationMs: number }

/**
 * Builds the images of source `local` from Go modules and Debian packages. A step whose output for its inputs is there is
 * skipped; after a kill the next call goes on where the last one stopped. One build at a time per cache folder.
 * @throws HOP_IMAGES_… with the step that failed; what was finished before is kept.
 */
export async function buildImages(options: BuildOptions): Promise<StepOutcome[]> {
  const { deadline, progress = silent, engine = dockerEngine, versions = listed, steps = allSteps } = options
  const wanted = planned(options.only, steps)
  await engine.requireAnswer(deadline)
  await mkdir(buildFolder(), { recursive: true })
  await using _held = await lock(join(buildFolder(), 'build.lock'), 'the image build', { deadline })
  await removeHalfMade()
  const hashes = await hashAll(wanted, versions)
  const context = contextFor({ deadline, engine, versions, steps, hashes })
  const pending = await pendingSteps(wanted, hashes, context)
  await requireMachine(pending, options.machine ?? thisMachine(deadline))
  const outcomes: StepOutcome[] = []
  for (const step of wanted) {
    const hash = hashes.get(step.name) ?? ''
    const started = performance.now()
    const make = pending.includes(step)
    if (make) await phase(progress, `image ${step.name}`, () => makeNamed(step, hash, context), step.expectedMs)
    outcomes.push({ name: step.name, hash, made: make, durationMs: performance.now() - started })
  }
  if (pending.length > 0) await engine.run(['image', 'prune', '--force', '--filter', `label=${labels.source}=local`], { deadline })
  return outcomes
}

/** Input hash of every step, by name. */
export async function hashAll(steps: readonly Step[], versions: Versions): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  for (const step of steps) hashes.set(step.name, await inputHash(step, { versions }, (name) => hashes.get(name) ?? ''))
  return hashes
}

type Parts = Pick<BuildContext, 'deadline' | 'engine' | 'versions'> & { steps: readonly Step[]; hashes: Map<string, string> }

function contextFor({ steps, hashes, ...rest }: Parts): BuildContext {
  const log = join(buildFolder(), 'build.log')
  return {
    ...rest,
    onLine: (line) => void appendFile(log, `${line}\n`).catch(() => undefined),
    folderOf: (name) => stepFolder(name, hashes.get(name) ?? ''),
    refOf: (name) => {
      const output = steps.find((step) => step.name === name)?.output
      return output?.kind === 'image' ? output.ref(rest.versions) : ''
    },
  }
}

async function pendingSteps(wanted: readonly Step[], hashes: Map<string, string>, context: BuildContext): Promise<Step[]> {
  const made = await Promise.all(wanted.map((step) => isMade(step, hashes.get(step.name) ?? '', context)))
  return wanted.filter((_, index) => !made[index])
}

async function makeNamed(step: Step, hash: string, context: BuildContext): Promise<void> {
  context.onLine(`=== ${step.name} ${hash}`)
  try {
    await makeStep(step, hash, context)
  } catch (error) {
    if (error instanceof HopError && error.code !== 'HOP_PROGRAM_FAILED') throw error
    const said = error instanceof HopError ? error.facts.why : String(error)
    throw HOP_IMAGES_STEP_FAILED({ step: step.name, said, log: join(buildFolder(), 'build.log') }, { cause: error })
  }
}

/** Folders that a killed build was still filling; we hold the lock, so nobody is filling one now. */
async function removeHalfMade(): Promise<void> {
  for (const name of await readdir(buildFolder())) {
    if (name.includes('.making-')) await rm(join(buildFolder(), name), { recursive: true, force: true })
  }
}
