import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Deadline } from '../deadline.ts'
import { defineError } from '../errors.ts'

/** Somebody else works on the same thing. */
export const HOP_LOCKED = defineError<{ what: string; pid: number; path: string }>('HOP_LOCKED', {
  exitCode: 3,
  what: (p) => `Another hoplab (process ${p.pid}) is working on ${p.what}.`,
  why: 'Two commands that change the same lab would undo each other.',
  fix: (p) => `Wait for it, or end process ${p.pid}; a lock of a dead process is taken over by itself.`,
  state: 'Nothing was changed.',
})

interface Holder { pid: number; startedAt: string }

/** Identity of a process that survives the reuse of its id: the kernel's start time where it tells, else unknown. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

async function isAlive(holder: Holder): Promise<boolean> {
  try { process.kill(holder.pid, 0) } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM' }
  const now = await startTimeOf(holder.pid)
  return now === '' || holder.startedAt === '' || now === holder.startedAt
}

/**
 * Holds a lock file until disposed. Waits up to `waitMs` for its holder, takes over the lock of a dead one.
 * @throws HOP_LOCKED when a living process still holds it after `waitMs`. @default waitMs 0
 */
export async function lock(path: string, what: string, options: { deadline: Deadline; waitMs?: number }): Promise<AsyncDisposable> {
  const { deadline, waitMs = 0 } = options
  const until = deadline.clock.now() + waitMs
  await mkdir(dirname(path), { recursive: true })
  const mine: Holder = { pid: process.pid, startedAt: await startTimeOf(process.pid) }
  for (;;) {
    deadline.throwIfOver()
    try {
      await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = await readFile(path, 'utf8').then((text) => JSON.parse(text) as Holder).catch(() => undefined)
    if (holder && await isAlive(holder)) {
      if (deadline.clock.now() >= until) throw HOP_LOCKED({ what, pid: holder.pid, path })
      await deadline.sleep(100)
      continue
    }
    // Renaming first makes sure that of two takers only one removes the dead lock.
    const grave = `${path}.${process.pid}.stale`
    await rename(path, grave).then(() => rm(grave, { force: true })).catch(() => undefined)
  }
}
