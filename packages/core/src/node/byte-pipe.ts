import type { Readable, Writable } from 'node:stream'
import { openProcess, type ProcessEnd } from './open-process.ts'

/** A program that carries bytes both ways. */
export interface BytePipe {
  /** Its input; ending it tells the program that no more will come. */
  readonly input: Writable
  /** What it prints, byte by byte. */
  readonly output: Readable
  /** Ends its input, and after some seconds the program with all it started. */
  end(): Promise<void>
  /** How it ended. Never rejects. */
  readonly ended: Promise<ProcessEnd>
}

/** Starts a program to send bytes through, in a process group of its own; when this process exits first, it gets SIGTERM. @param env beside this process's own */
export function bytePipe(program: string, args: readonly string[], env: Record<string, string> = {}): BytePipe {
  const { child, ended, end } = openProcess(program, args, env)
  return { input: child.stdin, output: child.stdout, ended, end }
}
