import { link, readFile, rm, stat } from 'node:fs/promises'
import type { Deadline } from '../deadline.ts'
import { defineError } from '../errors.ts'
import { writeWhole } from './files.ts'

/** Somebody else works on the same thing. */
export const HOP_LOCKED = defineError<{ what: string; pid: number; path: string }>('HOP_LOCKED', {
  exitCode: 3,
  what: (p) => `Another hoplab (process ${p.pid}) is working on ${p.what}.`,
  why: 'Two commands that change the same lab would undo each other.',
  fix: (p) => `Wait for it, or end process ${p.pid}; a lock of a dead process is taken over by itself.`,
  state: 'Nothing was changed.',
})

interface Holder { pid: number; startedAt: string; nonce: string }

/** Identity of a process that survives the reuse of its id: the kernel's start time where it tells, else unknown. */
async function startTimeOf(pid: number): Promise<string> {
  const fields = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

async function isAlive(holder: Holder): Promise<boolean> {
  try { process.kill(holder.pid, 0) } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM' }
  const now = await startTimeOf(holder.pid)
  return now === '' || holder.startedAt === '' || now === holder.startedAt
}

/**
 * Holds a lock file until disposed. Waits up to `waitMs` (default 0) for its holder, takes over the lock of a dead one.
 * Stops early with the deadline's reason.
 * @throws HOP_LOCKED when a living process still holds it after `waitMs`.
 */
export async function lock(path: string, what: string, options: { deadline: Deadline; waitMs?: number }): Promise<AsyncDisposable> {
  const { deadline, waitMs = 0 } = options
  const until = deadline.clock.now() + waitMs
  const mine: Holder = { pid: process.pid, startedAt: await startTimeOf(process.pid), nonce: crypto.randomUUID() }
  for (;;) {
    deadline.throwIfOver()
    if (await place(path, mine)) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
    const holder = await holderOf(path)
    if (holder === undefined) continue
    if (!await isAlive(holder)) {
      if (!await bury(path, holder)) await deadline.sleep(20)
      continue
    }
    if (deadline.clock.now() >= until) throw HOP_LOCKED({ what, pid: holder.pid, path })
    await deadline.sleep(100)
  }
}

/** A hard link appears whole or not at all, so nobody reads a half-written holder. False when somebody's lock is there. */
async function place(path: string, mine: Holder): Promise<boolean> {
  const own = `${path}.${mine.nonce}`
  await writeWhole(own, JSON.stringify(mine))
  try {
    await link(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await rm(own, { force: true })
  }
}

/** Who holds the lock; undefined when it is free. A file that nobody of us wrote counts as a dead holder's. */
async function holderOf(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const holder = JSON.parse(text) as Partial<Holder>
    if (Number.isInteger(holder.pid) && (holder.pid ?? 0) > 0) return { startedAt: '', nonce: '', ...holder } as Holder
  } catch { /* not ours */ }
  return { pid: 2 ** 30, startedAt: '', nonce: '' }
}

/**
 * Removes a dead holder's lock. Several takers may try: only the one whose link to its grave succeeds may remove it,
 * and only if what it linked is still that dead holder's and not the lock of a quicker taker.
 */
async function bury(path: string, dead: Holder): Promise<boolean> {
  const grave = `${path}.of-${dead.pid}-${dead.nonce}`
  try { await link(path, grave) } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The taker itself may have died at this very point; its link is removed after 10 s.
    if (code === 'EEXIST') await removeOld(grave)
    else if (code !== 'ENOENT') throw error
    return false
  }
  const linked = await holderOf(grave)
  if (linked?.pid === dead.pid && linked.nonce === dead.nonce) await rm(path, { force: true })
  await rm(grave, { force: true })
  return true
}

async function removeOld(grave: string): Promise<void> {
  const changed = await stat(grave).then((facts) => facts.ctimeMs, () => Date.now())
  if (Date.now() - changed > 10_000) await rm(grave, { force: true })
}
