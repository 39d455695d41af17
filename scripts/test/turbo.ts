import { mkdir, readdir, readFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { $ } from 'zx'
import type { TaskOutcome } from './tally.ts'

interface Summary {
  execution: { command: string }
  tasks: {
    task: string; package: string; directory: string; command: string
    cache: { status: string }
    execution?: { exitCode: number | null }
  }[]
}

/** How a turbo run goes. */
export interface TurboOptions {
  /** Folder of the repository. */
  root: string
  /** Tasks at the same time. */
  concurrency: number
  /** Packages, as turbo's --filter takes them. @default all */
  filter?: string | readonly string[]
  /** Whether all else on the machine goes before it: its processes get priority 10 of nice(1), so that a cluster beside it is not short of breath. @default false */
  yielding?: boolean
}

/**
 * Runs tasks through turbo, all of them even when some fail, and returns how each ended. Its talk goes to our own stdout and stderr.
 * A task that turbo never came to counts as failed. Two runs may go at the same time when their filters differ. Sends nothing home: turbo's telemetry is off.
 */
export async function runTurbo(tasks: readonly string[], { root, concurrency, filter, yielding = false }: TurboOptions): Promise<TaskOutcome[]> {
  const runs = join(root, '.turbo', 'runs')
  await mkdir(runs, { recursive: true })
  const before = new Set(await readdir(runs))
  const turbo = $({ cwd: root, stdio: 'inherit', nothrow: true, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' } })
  const filters = [filter ?? []].flat().map((one) => `--filter=${one}`)
  const running = turbo`turbo run ${tasks} ${filters} --continue=always --summarize --concurrency=${concurrency} --output-logs=new-only`
  if (yielding && running.pid) setPriority(running.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  await running
  const written = (await readdir(runs)).filter((name) => !before.has(name))
  const summaries = await Promise.all(written.map(async (name) => JSON.parse(await readFile(join(runs, name), 'utf8')) as Summary))
  const mine = summaries.filter(({ execution }) => isRunOf(execution.command, tasks, filters))
  if (mine.length !== 1 || mine[0] === undefined) return [{ package: '//', task: 'turbo', folder: '', ok: false, cached: false }]
  return outcomes(mine[0])
}

/** Whether a summary's command line is that of exactly these tasks and filters. */
export function isRunOf(command: string, tasks: readonly string[], filters: readonly string[]): boolean {
  const words = command.split(' ').slice(2)
  const same = (asked: readonly string[], found: readonly string[]): boolean => asked.length === found.length && asked.every((word) => found.includes(word))
  return same(tasks, words.filter((word) => !word.startsWith('-'))) && same(filters, words.filter((word) => word.startsWith('--filter=')))
}

function outcomes(summary: Summary): TaskOutcome[] {
  return summary.tasks
    .filter((task) => task.command !== '<NONEXISTENT>')
    .map((task) => {
      const cached = task.cache.status === 'HIT'
      return { package: task.package, task: task.task, folder: task.directory, ok: cached || task.execution?.exitCode === 0, cached }
    })
}
