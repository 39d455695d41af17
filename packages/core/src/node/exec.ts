import { execa } from 'execa'
import type { Deadline } from '../deadline.ts'
import { defineError } from '../errors.ts'
import { plainLine } from '../plain-text.ts'

/** How a finished process ended. Never thrown for a non-zero exit; see {@link run} for that. */
export interface ExecResult {
  /** The command line, for people; not for a shell. */
  command: string
  /** -1 when the process was ended by a signal. */
  exitCode: number
  stdout: string
  stderr: string
  durationMs: number
}

/** What a process is given. */
export interface ExecOptions {
  deadline: Deadline
  /** Standard input; default none. */
  input?: string | Uint8Array
  /** Added to our own environment. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Called with each line of stdout and stderr as it comes. */
  onLine?: (line: string) => void
  /** Give the process our own terminal (shell, kubectl). stdout and stderr are then empty. */
  interactive?: boolean
  /** Characters kept of each stream. @default 64 MiB */
  maxBuffer?: number
}

/** The program is not on this machine. */
export const HOP_PROGRAM_MISSING = defineError<{ program: string }>('HOP_PROGRAM_MISSING', {
  exitCode: 3,
  what: (p) => `The program "${p.program}" was not found.`,
  why: 'It is not on the PATH.',
  fix: (p) => `Install "${p.program}", then run "hoplab doctor".`,
  state: 'Nothing was started.',
})

/** A program that must succeed did not. */
export const HOP_PROGRAM_FAILED = defineError<{ command: string; exitCode: number; output: string }>('HOP_PROGRAM_FAILED', {
  exitCode: 3,
  what: (p) => `"${plainLine(p.command, 120)}" failed with exit code ${p.exitCode}.`,
  why: (p) => plainLine(p.output.slice(-600)) || 'It printed nothing.',
  fix: 'Run "hoplab doctor", then try again.',
  state: 'What had been created before is kept unless the message above says otherwise.',
})

/**
 * Runs one program to its end. Returns whatever exit code it had.
 * Ends it (SIGTERM, after 5 s SIGKILL) when the deadline's signal aborts, then throws the signal's reason.
 * @throws HOP_PROGRAM_MISSING when there is no such program.
 */
export async function exec(program: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const { deadline } = options
  deadline.throwIfOver()
  const started = performance.now()
  const child = execa(program, args, {
    reject: false,
    cancelSignal: deadline.signal,
    forceKillAfterDelay: 5_000,
    stripFinalNewline: false,
    maxBuffer: options.maxBuffer ?? 64 * 1024 * 1024,
    // Its own process group, so that a terminal's Ctrl-C reaches us alone and we end it in order.
    detached: options.interactive !== true && process.platform !== 'win32',
    cleanup: true,
    ...(options.interactive ? { stdio: 'inherit' as const } : options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  if (options.onLine) void follow(child, options.onLine)
  const result = await child
  if (result.code === 'ENOENT') throw HOP_PROGRAM_MISSING({ program }, { cause: result })
  if (deadline.signal.aborted) throw deadline.signal.reason
  return {
    command: [program, ...args].join(' '),
    exitCode: result.exitCode ?? -1,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    durationMs: performance.now() - started,
  }
}

/** Like {@link exec}, for programs that must succeed. @throws HOP_PROGRAM_FAILED with the end of their output. */
export async function run(program: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const result = await exec(program, args, options)
  if (result.exitCode !== 0) {
    throw HOP_PROGRAM_FAILED({ command: result.command, exitCode: result.exitCode, output: result.stderr || result.stdout })
  }
  return result
}

async function follow(child: { iterable(o: { from: 'all' } | object): AsyncIterable<unknown> }, onLine: (line: string) => void): Promise<void> {
  const read = async (from: 'stdout' | 'stderr'): Promise<void> => {
    for await (const line of child.iterable({ from })) onLine(String(line))
  }
  await Promise.all([read('stdout'), read('stderr')]).catch(() => undefined)
}
