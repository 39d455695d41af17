import { readdir, readFile } from 'node:fs/promises'
import type { Deadline } from '@hoplab/core'

/** Environment variable by which processes that we start are found after we were killed. */
export const runVariable = 'HOPLAB_RUN'

/** Processes of one of `runs`, except ourselves. Linux only: elsewhere the list is empty and processes end with their containers. */
export async function processesOf(runs: ReadonlySet<string>): Promise<number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name)).map(Number)
  const ours = await Promise.all(pids.map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const run = environment.split('\0').find((entry) => entry.startsWith(`${runVariable}=`))?.slice(runVariable.length + 1)
    return pid !== process.pid && run !== undefined && runs.has(run)
  }))
  return pids.filter((_, index) => ours[index])
}

/** Ends every process of `runs`: SIGTERM, after 2 s SIGKILL. Returns those that were found. */
export async function endProcessesOf(runs: ReadonlySet<string>, deadline: Deadline): Promise<number[]> {
  const found = await processesOf(runs)
  for (const [signal, waitMs] of [['SIGTERM', 2_000], ['SIGKILL', 1_000]] as const) {
    const alive = await processesOf(runs)
    for (const pid of alive) { try { process.kill(pid, signal) } catch { /* it ended by itself */ } }
    const until = deadline.clock.now() + waitMs
    while ((await processesOf(runs)).length > 0 && deadline.clock.now() < until) await deadline.sleep(50)
  }
  return found
}
