import { join } from 'node:path'
import { Deadline, type ProgressEvent } from '@hoplab/core'
import { exec } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'

/** How a typed command ended. `sawPhase` tells whether the phase waited for ever came. */
export interface Typed { exitCode: number; stdout: string; stderr: string; events: Heard[]; durationMs: number; sawMoment: boolean }

type Heard = ProgressEvent & { atMs: number }

/** What to do to the command or its cluster, once, when it tells a certain thing. */
export interface Moment { when: (event: Heard) => boolean; then: (pid: number) => void | Promise<void> }

/** Start of a phase, by the start of its name. */
export const atStartOf = (phase: string) => (event: Heard): boolean => event.type === 'phase-start' && event.phase.startsWith(phase)
/** End of a phase, by the start of its name. */
export const atEndOf = (phase: string) => (event: Heard): boolean => event.type === 'phase-end' && event.phase.startsWith(phase)

const main = join(import.meta.dirname, '../src/main.ts')

/** Types `hoplab ARGS` as a process of its own, started through `enter` where that is given; the shell before it only tells the process id, which `exec` keeps. */
export async function typed(args: readonly string[], options: { moment?: Moment; withinMs?: number; env?: Record<string, string | undefined>; enter?: readonly string[] } = {}): Promise<Typed> {
  useOwnEngine()
  using deadline = Deadline.start(`hoplab ${args.join(' ')}`, options.withinMs ?? 400_000)
  const events: Heard[] = []
  let pid = 0
  let done: Promise<void> | undefined
  const onLine = (line: string): void => {
    if (line.startsWith('pid ')) pid = Number(line.slice(4))
    const event = heard(line)
    if (!event) return
    events.push(event)
    if (options.moment?.when(event)) done ??= Promise.resolve(options.moment.then(pid))
  }
  const [program = '', ...before] = [...options.enter ?? [], 'sh']
  const result = await exec(program, [...before, '-c', 'echo "pid $$" >&2; exec "$0" "$@"', process.execPath, main, ...args], {
    deadline, onLine, env: { HOPLAB_PROGRESS: 'json', HOPLAB_IMAGES: 'local', NO_COLOR: '1', ...options.env },
  })
  await done
  return { ...result, events, sawMoment: done !== undefined }
}

function heard(line: string): Heard | undefined {
  try {
    const value = JSON.parse(line) as Partial<Heard>
    return typeof value.type === 'string' && typeof value.atMs === 'number' ? value as Heard : undefined
  } catch { return undefined }
}
