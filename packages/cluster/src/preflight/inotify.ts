import { readdir, readFile, readlink, stat } from 'node:fs/promises'

/** Numbers of the kernel's inotify limit for one user. */
export interface InotifyUse { limit: number; inUse: number }

/** inotify instances of a node after CoreDNS runs: a three-node Flannel cluster holds about 55 (measured). */
export const inotifyPerNode = 18

/**
 * Limit and use of the user that node processes run as (root, unless the engine is rootless). Undefined where there is no such limit
 * to read (not Linux) or other users' processes cannot be looked into.
 */
export async function inotifyUse(uid = 0): Promise<InotifyUse | undefined> {
  const limit = Number(await readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8').catch(() => NaN))
  if (!Number.isFinite(limit) || (process.getuid?.() ?? 0) !== 0) return undefined
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))
  const counts = await Promise.all(pids.map((pid) => instancesOf(pid, uid)))
  return { limit, inUse: counts.reduce((sum, count) => sum + count, 0) }
}

async function instancesOf(pid: string, uid: number): Promise<number> {
  try {
    if ((await stat(`/proc/${pid}`)).uid !== uid) return 0
    const targets = await Promise.all((await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
    return targets.filter((target) => target.endsWith('inotify')).length
  } catch { return 0 }
}
