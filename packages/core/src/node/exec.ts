import { existsSync } from 'node:fs'
import { execa } from 'execa'
import type { Deadline } from '../deadline.ts'
import { defineError } from '../errors.ts'
import { plainLine } from '../plain-text.ts'
import { endGroup, forget, remember } from './process-group.ts'

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

/** The program is there, but the system would not start it. */
export const HOP_PROGRAM_NOT_STARTED = defineError<{ program: string; reason: string }>('HOP_PROGRAM_NOT_STARTED', {
  exitCode: 3,
  what: (p) => `The program "${p.program}" could not be started.`,
  why: (p) => p.reason,
  fix: 'Run "hoplab doctor", then try again.',
  state: 'Nothing was started.',
})

/** A program wrote more than we keep; a cut answer is never used as a whole one. */
export const HOP_PROGRAM_OUTPUT_TOO_LONG = defineError<{ command: string; limit: number }>('HOP_PROGRAM_OUTPUT_TOO_LONG', {
  exitCode: 3,
  what: (p) => `"${plainLine(p.command, 120)}" wrote more than ${p.limit} characters.`,
  why: 'It was ended there, so its answer is not whole.',
  fix: 'Run "hoplab doctor"; if it finds nothing, report this message.',
  state: 'The program was ended.',
})

const defaultMaxBuffer = 64 * 1024 * 1024

/**
 * Runs one program to its end. Returns whatever exit code it had.
 * When the deadline's signal aborts, ends the program and everything that it started (SIGTERM, after 5 s SIGKILL) and throws the signal's reason.
 * When this process exits first, they get SIGTERM.
 * @throws HOP_PROGRAM_MISSING when there is no such program, HOP_PROGRAM_NOT_STARTED when the system refuses it,
 *   HOP_PROGRAM_OUTPUT_TOO_LONG past `maxBuffer`.
 */
export async function exec(program: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const { deadline } = options
  deadline.throwIfOver()
  const started = performance.now()
  const command = [program, ...args].join(' ')
  const child = start(program, args, options)
  const followed = options.onLine ? follow(child, options.onLine) : undefined
  const result = await endedBy(deadline.signal, child, options.interactive === true)
  await followed
  deadline.signal.throwIfAborted()
  if (result.isMaxBuffer) throw HOP_PROGRAM_OUTPUT_TOO_LONG({ command, limit: options.maxBuffer ?? defaultMaxBuffer })
  if (result.exitCode === undefined && result.signal === undefined) throw notStarted(program, options.cwd, result.code, result)
  return {
    command,
    exitCode: result.exitCode ?? -1,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    durationMs: performance.now() - started,
  }
}

function start(program: string, args: readonly string[], options: ExecOptions) {
  return execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    maxBuffer: options.maxBuffer ?? defaultMaxBuffer,
    // Its own process group, so that a terminal's Ctrl-C reaches us alone and we end it, with all it started, in order.
    detached: options.interactive !== true,
    ...(options.interactive ? { stdio: 'inherit' as const } : options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env ? { env: options.env } : {}),
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
}

type Child = ReturnType<typeof start>

/** Waits for the child; ends it when the signal aborts: its whole group, or itself alone where it shares our terminal. */
async function endedBy(signal: AbortSignal, child: Child, interactive: boolean): Promise<Awaited<Child>> {
  const { pid } = child
  if (pid === undefined) return child
  let ending: Promise<void> | undefined
  const onAbort = (): void => {
    if (interactive) child.kill('SIGTERM')
    else ending = endGroup(pid)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (!interactive) remember(pid)
  try {
    const result = await child
    await ending
    return result
  } finally {
    signal.removeEventListener('abort', onAbort)
    forget(pid)
  }
}

function notStarted(program: string, cwd: string | undefined, code: string | undefined, cause: unknown): Error {
  if (cwd !== undefined && !existsSync(cwd)) return HOP_PROGRAM_NOT_STARTED({ program, reason: `The folder ${cwd} does not exist.` }, { cause })
  if (code === 'ENOENT') return HOP_PROGRAM_MISSING({ program }, { cause })
  return HOP_PROGRAM_NOT_STARTED({ program, reason: `The system said ${code ?? 'nothing'}.` }, { cause })
}

/** Like {@link exec}, for programs that must succeed. @throws HOP_PROGRAM_FAILED with the end of their output. */
export async function run(program: string, args: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const result = await exec(program, args, options)
  if (result.exitCode !== 0) {
    throw HOP_PROGRAM_FAILED({ command: result.command, exitCode: result.exitCode, output: result.stderr || result.stdout })
  }
  return result
}

/** An `onLine` that throws gets no more lines; the program goes on. */
async function follow(child: Child, onLine: (line: string) => void): Promise<void> {
  const read = async (from: 'stdout' | 'stderr'): Promise<void> => {
    for await (const line of child.iterable({ from })) onLine(String(line))
  }
  await Promise.all([read('stdout'), read('stderr')]).catch(() => undefined)
}
