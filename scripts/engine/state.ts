import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { writeWhole } from '@hoplab/core/node'
import { engineStateFile, type OwnEngine } from '@hoplab/images'
import type { HostBefore } from './host-changes.ts'

/** The state file of `start`: written before the host is changed, and again with the daemon as soon as it is a process. */
interface EngineState extends Partial<OwnEngine> {
  before: HostBefore
  /** Names this boot (random(4)): what was changed before a reboot is gone with it. */
  boot?: string
}

const thisBoot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** Remembers what is to be put back, and who runs, so that a start that is interrupted at any moment can be stopped. */
export async function writeState(before: HostBefore, engine?: OwnEngine): Promise<void> {
  const state: EngineState = { ...engine, before, boot: thisBoot() }
  await writeWhole(engineStateFile(), `${JSON.stringify(state, null, 2)}\n`)
}

/** What the host was like before an engine of ours changed it in this boot, whether that engine lives or not; undefined when none did. */
export async function hostBefore(): Promise<HostBefore | undefined> {
  const text = await readFile(engineStateFile(), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { before, boot = thisBoot() } = JSON.parse(text) as EngineState
  return boot === thisBoot() ? before : undefined
}
