import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { engineStateFile, ownEngine, startTicksOf } from '@hoplab/images'
import { $ } from 'zx'
import { runFolder } from './daemon-config.ts'
import { restoreHost } from './host-changes.ts'
import { answers, HOP_ENGINE_NEEDS_ROOT } from './start.ts'
import { hostBefore } from './state.ts'

/** Ends the daemon that `start` started and puts back what it changed on the host; images stay in the cache folder. */
export async function stop(): Promise<void> {
  using deadline = Deadline.start('stop the engine', 120_000)
  const engine = ownEngine()
  if (!existsSync(engineStateFile())) return console.error('our engine does not run')
  if (process.getuid?.() !== 0) throw HOP_ENGINE_NEEDS_ROOT()
  if (!engine) return clearAfterDead(deadline)
  const before = await hostBefore()
  process.kill(engine.pid, 'SIGTERM')
  await poll(async () => startTicksOf(engine.pid), { deadline, until: (ticks) => ticks !== engine.startTicks })
  if (before) await restoreHost(before)
  await rm(engineStateFile(), { force: true })
  await removeRunFolder()
  console.error(`engine stopped, process ${engine.pid}`)
}

/** The daemon died without `stop`. Where another one answers by now, firewall and bridge are that one's and stay. */
async function clearAfterDead(deadline: Deadline): Promise<void> {
  const before = await hostBefore()
  const other = await answers(deadline, '/var/run/docker.sock')
  if (before && !other) await restoreHost(before)
  await rm(engineStateFile(), { force: true })
  const alive = await processesOf(runFolder)
  if (alive === 0) await removeRunFolder()
  console.error([
    'our engine had ended by itself', before && !other ? 'the host is as it was before it' : 'the host was left as it is',
    ...(alive > 0 ? [`${alive} processes of its containers still run: start the engine and stop it again to end them`] : []),
  ].join('; '))
}

/** How many processes (containerd and its shims) work in that folder. */
async function processesOf(folder: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(`${folder}/`)).length
}

async function removeRunFolder(): Promise<void> {
  await unmountBelow(runFolder)
  await rm(runFolder, { recursive: true, force: true })
}

/** The daemon leaves the name of the host's network namespace mounted where a container had used it. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '')
  for (const path of mounts.filter((mounted) => mounted.startsWith(`${folder}/`)).reverse()) await $({ quiet: true, nothrow: true })`umount ${path}`
}
