import { readFile, rm } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { engineStateFile, ownEngine, startTicksOf } from '@hoplab/images'
import { $ } from 'zx'
import { runFolder } from './daemon-config.ts'
import { type HostBefore, restoreHost } from './host-changes.ts'

/** Ends the daemon that `start` started and puts back what it changed on the host; images stay in the cache folder. */
export async function stop(): Promise<void> {
  using deadline = Deadline.start('stop the engine', 120_000)
  const engine = ownEngine()
  if (!engine) return console.error('our engine does not run')
  const { before } = JSON.parse(await readFile(engineStateFile(), 'utf8')) as { before: HostBefore }
  process.kill(engine.pid, 'SIGTERM')
  await poll(async () => startTicksOf(engine.pid), { deadline, until: (ticks) => ticks !== engine.startTicks })
  await restoreHost(before)
  await rm(engineStateFile(), { force: true })
  await unmountBelow(runFolder)
  await rm(runFolder, { recursive: true, force: true })
  console.error(`engine stopped, process ${engine.pid}`)
}

/** The daemon leaves the name of the host's network namespace mounted where a container had used it. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const path of mounts.filter((mounted) => mounted.startsWith(`${folder}/`)).reverse()) await $({ quiet: true, nothrow: true })`umount ${path}`
}
