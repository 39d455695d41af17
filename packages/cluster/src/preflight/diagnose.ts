import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type Deadline, HopError, silent } from '@hoplab/core'
import { asRoot, startOwnEngine } from '@hoplab/core/node'
import { listImages } from '@hoplab/images'
import { refuseForeign } from '../providers/kind/found-cluster.ts'
import { imagesFor } from '../providers/kind/lab-images.ts'
import type { ImageSource } from '@hoplab/model'
import { type EngineAccess, engineAccess } from './engine-access.ts'
import { hostRoom, shortages } from './refuse.ts'
import { leastMemoryGiBPerNode } from './room.ts'

/** One thing that was looked at. */
export interface Finding {
  /** Permanent name, an error code where one would be thrown. */
  code: string
  ok: boolean
  what: string
  /** What goes wrong because of it. */
  effect: string
  /** A command that cures it; empty when nothing is wrong. */
  fix: string
}

/** What is looked for: a lab of this name and size, with images of this source. */
export interface DiagnoseOptions { name?: string; workers?: number; images?: ImageSource }

/** Looks at everything that would keep a lab from coming up, whatever its CNI. Good findings are listed too. */
export async function diagnose(deadline: Deadline, { name, workers = 2, images = 'auto' }: DiagnoseOptions = {}): Promise<Finding[]> {
  const engine = engineFinding(await engineAccess(deadline))
  if (!engine.ok) return [engine]
  const [room, clash, present] = await Promise.all([
    hostRoom(deadline).then((host) => shortages(workers + 1, leastMemoryGiBPerNode, host)),
    name === undefined ? undefined : thrownBy(() => refuseForeign(name, workers, deadline)),
    imagesFinding(images, deadline),
  ])
  return [
    engine,
    ...roomFindings(room),
    ...(name === undefined ? [] : [findingOf(clash, 'HOP_NAME_TAKEN', `nothing foreign is called like the lab "${name}"`)]),
    present,
  ]
}

/** Looks only: a doctor pulls nothing. Images of registries that are not here yet are no fault, `up` brings them. */
async function imagesFinding(source: ImageSource, deadline: Deadline): Promise<Finding> {
  const good = 'all images that every cluster needs are here'
  const builtHere = async (): Promise<boolean> => (await listImages({ source: 'local', cni: [], deadline })).some(({ use, state }) => use === 'node' && state !== 'missing')
  if (source === 'bundle' || source === 'local' || process.env.CI === 'true' || (source === 'auto' && await builtHere())) {
    return findingOf(await thrownBy(() => imagesFor(source === 'bundle' ? source : 'local', [], deadline, silent)), 'HOP_IMAGES_MISSING', good)
  }
  const missing = (await listImages({ source: 'upstream', cni: [], deadline })).filter(({ state }) => state === 'missing')
  return findingOf(undefined, 'HOP_IMAGES_MISSING', missing.length === 0 ? good : `the first "hoplab up" brings ${missing.map(({ ref }) => ref).join(', ')}`)
}

const names: Record<string, string> = {
  HOP_INOTIFY_LOW: 'inotify instances are enough', HOP_DISK_FULL: 'the disk has room', HOP_MEMORY_LOW: 'there is memory enough',
}

function roomFindings(found: readonly HopError[]): Finding[] {
  return Object.entries(names).map(([code, good]) => findingOf(found.find((error) => error.code === code), code, good))
}

function findingOf(error: HopError | undefined, code: string, good: string): Finding {
  if (!error) return { code, ok: true, what: good, effect: '', fix: '' }
  return { code: error.code, ok: false, what: error.facts.what, effect: error.facts.why, fix: error.facts.fix }
}

async function thrownBy(work: () => Promise<unknown>): Promise<HopError | undefined> {
  try { await work(); return undefined } catch (error) {
    if (error instanceof HopError && error.code !== 'HOP_INTERRUPTED' && error.code !== 'HOP_DEADLINE_EXCEEDED') return error
    throw error
  }
}

function engineFinding(engine: EngineAccess): Finding {
  const bad = { ok: false, effect: 'No lab can come up: nodes are containers.' }
  switch (engine.state) {
    case 'answers': return { code: 'HOP_ENGINE_UNREACHABLE', ok: true, what: 'a container engine answers', effect: '', fix: '' }
    case 'no-client': return { ...bad, code: 'HOP_PROGRAM_MISSING', what: 'The program "docker" is not on the PATH.', fix: installEngine() }
    case 'not-allowed': return {
      ...bad, code: 'HOP_ENGINE_NOT_ALLOWED', what: `This user may not use the engine's socket ${engine.socket}.`, fix: `sudo usermod -aG docker ${userInfo().username} && newgrp docker`,
    }
    case 'no-answer': return { ...bad, code: 'HOP_ENGINE_UNREACHABLE', what: `No engine answers at ${engine.socket}: ${engine.said}`, fix: startEngine() }
  }
}

const installEngine = (): string =>
  process.platform === 'linux' ? startOwnEngine() : 'Install Docker Desktop, OrbStack or colima, and start it.'
const startEngine = (): string =>
  process.platform !== 'linux' ? 'open -a Docker' : existsSync('/run/systemd/system') ? asRoot('systemctl start docker') : startOwnEngine()
