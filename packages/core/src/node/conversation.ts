import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { endGroup, forget, remember } from './process-group.ts'

/** A program that is spoken to while it runs. */
export interface Conversation {
  /** Writes one line to its input. Nothing happens once it has ended. */
  say(line: string): void
  /** Keeps this process alive until the program has ended. @default it does */
  keep(): void
  /** Lets this process end before it; the program then gets SIGTERM. */
  release(): void
  /** Ends its input, and after some seconds the program with all it started. */
  end(): Promise<void>
  /** How it ended, with what it wrote to stderr: -1 when a signal ended it, 127 when it is not there. Never rejects. */
  readonly ended: Promise<{ exitCode: number; stderr: string }>
}

/** How long a program gets to end by itself when its input does, in milliseconds. */
const partingMs = 2_000

/**
 * Starts a program to speak with, in a process group of its own.
 * @param onLine gets each whole line of its output
 * @param env beside this process's own
 */
export function converse(program: string, args: readonly string[], onLine: (line: string) => void, env: Record<string, string> = {}): Conversation {
  const child = execa(program, args, { env, reject: false, detached: true, stdin: 'pipe', buffer: { stdout: false, stderr: true }, maxBuffer: { stderr: 64 * 1024 } })
  const { pid } = child
  if (pid !== undefined) remember(pid)
  // A write to a program that has just ended fails; that it has ended is told below.
  child.stdin.on('error', () => {})
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', onLine)
  const ended = child.then(({ exitCode, stderr, code }) => {
    if (pid !== undefined) forget(pid)
    return { exitCode: exitCode ?? (code === 'ENOENT' ? 127 : -1), stderr }
  })
  const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as { ref?(): void; unref?(): void }[]
  return {
    ended,
    say: (line) => { if (child.stdin.writable) child.stdin.write(`${line}\n`) },
    keep: () => { for (const handle of handles) handle.ref?.() },
    release: () => { for (const handle of handles) handle.unref?.() },
    async end() {
      child.stdin.end()
      const patience = setTimeout(() => { if (pid !== undefined) void endGroup(pid) }, partingMs)
      await ended
      clearTimeout(patience)
    },
  }
}
