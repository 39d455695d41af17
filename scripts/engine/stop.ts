import { readFile, rm, writeFile } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { engineStateFile, ownEngine, startTicksOf } from '@hoplab/images'
import { runFolder } from './daemon-config.ts'

const inotifyFile = '/proc/sys/fs/inotify/max_user_instances'

/** Ends the daemon that `start` started and puts the inotify limit back; images stay in the cache folder. */
export async function stop(): Promise<void> {
  using deadline = Deadline.start('stop the engine', 120_000)
  const engine = ownEngine()
  if (!engine) return console.error('our engine does not run')
  process.kill(engine.pid, 'SIGTERM')
  await poll(async () => startTicksOf(engine.pid), { deadline, until: (ticks) => ticks !== engine.startTicks })
  const now = Number(await readFile(inotifyFile, 'utf8'))
  if (engine.inotify && now === engine.inotify.after) {
    await writeFile(inotifyFile, String(engine.inotify.before))
    console.error(`fs.inotify.max_user_instances: ${now} before, ${engine.inotify.before} now`)
  }
  await rm(engineStateFile(), { force: true })
  await rm(runFolder, { recursive: true, force: true })
  console.error(`engine stopped, process ${engine.pid}`)
}
