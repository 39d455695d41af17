import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'zx'
import type { TaskOutcome } from './tally.ts'

interface Summary {
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
}

/**
 * Runs tasks through turbo, all of them even when some fail, and returns how each ended. Its talk goes to our own stdout and stderr.
 * A task that turbo never came to counts as failed. Sends nothing home: turbo's telemetry is off.
 */
export async function runTurbo(tasks: readonly string[], { root, concurrency }: TurboOptions): Promise<TaskOutcome[]> {
  const runs = join(root, '.turbo', 'runs')
  await mkdir(runs, { recursive: true })
  const before = new Set(await readdir(runs))
  const turbo = $({ cwd: root, stdio: 'inherit', nothrow: true, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' } })
  await turbo`turbo run ${tasks} --continue=always --summarize --concurrency=${concurrency} --output-logs=new-only`
  const written = (await readdir(runs)).filter((name) => !before.has(name))
  if (written.length !== 1 || written[0] === undefined) return [{ package: '//', task: 'turbo', folder: '', ok: false, cached: false }]
  return outcomes(JSON.parse(await readFile(join(runs, written[0]), 'utf8')) as Summary)
}

function outcomes(summary: Summary): TaskOutcome[] {
  return summary.tasks
    .filter((task) => task.command !== '<NONEXISTENT>')
    .map((task) => {
      const cached = task.cache.status === 'HIT'
      return { package: task.package, task: task.task, folder: task.directory, ok: cached || task.execution?.exitCode === 0, cached }
    })
}
