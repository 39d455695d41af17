import { execa } from 'execa'
import { endGroup, forget, remember } from './process-group.ts'

/** How a program ended, with what it wrote to stderr: -1 when a signal ended it, 127 when it is not there. */
export interface ProcessEnd { exitCode: number; stderr: string }

/** How long a program gets to end by itself when its input does, in milliseconds. */
const partingMs = 2_000

/**
 * Starts a program whose input stays open, in a process group of its own. `end` ends its input, and after some seconds the program with all it started;
 * `ended` never rejects.
 */
export function openProcess(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = execa(program, args, { env, reject: false, detached: true, stdin: 'pipe', buffer: { stdout: false, stderr: true }, maxBuffer: { stderr: 64 * 1024 } })
  const { pid } = child
  if (pid !== undefined) remember(pid)
  // A write to a program that has just ended fails; that it has ended is told below.
  child.stdin.on('error', () => {})
  const ended: Promise<ProcessEnd> = child.then(({ exitCode, stderr, code }) => {
    if (pid !== undefined) forget(pid)
    return { exitCode: exitCode ?? (code === 'ENOENT' ? 127 : -1), stderr }
  })
  const end = async (): Promise<void> => {
    child.stdin.end()
    const patience = setTimeout(() => { if (pid !== undefined) void endGroup(pid) }, partingMs)
    await ended
    clearTimeout(patience)
  }
  return { child, ended, end }
}
