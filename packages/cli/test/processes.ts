import { readdir, readFile } from 'node:fs/promises'

/** Processes on this machine whose command line names the lab's cluster and that are not inside its containers. Linux. */
export async function processesOfLab(lab: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
  const lines = await Promise.all(pids.map(async (pid) => `${pid} ${(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')}`))
  return lines.filter((line) => /^\d+ \S*(kind|docker|node) /u.test(line) && line.includes(`hoplab-${lab}`))
}
