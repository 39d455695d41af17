import { createInterface } from 'node:readline'
import { openProcess, type ProcessEnd } from './open-process.ts'

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
  /** How it ended. Never rejects. */
  readonly ended: Promise<ProcessEnd>
}

/**
 * Starts a program to speak with, in a process group of its own.
 * @param onLine gets each whole line of its output
 * @param env beside this process's own
 */
export function converse(program: string, args: readonly string[], onLine: (line: string) => void, env: Record<string, string> = {}): Conversation {
  const { child, ended, end } = openProcess(program, args, env)
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', onLine)
  const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as { ref?(): void; unref?(): void }[]
  return {
    ended, end,
    say: (line) => { if (child.stdin.writable) child.stdin.write(`${line}\n`) },
    keep: () => { for (const handle of handles) handle.ref?.() },
    release: () => { for (const handle of handles) handle.unref?.() },
  }
}
