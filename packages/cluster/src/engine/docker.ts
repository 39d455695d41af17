import type { Deadline } from '@hoplab/core'
import { bytePipe, type BytePipe, type Conversation, converse, exec, type ExecResult } from '@hoplab/core/node'
import { HOP_ENGINE_REFUSED, HOP_ENGINE_UNREACHABLE } from '../errors.ts'

/** Options of one call of the docker client. */
export interface DockerOptions { deadline: Deadline; input?: string; env?: Record<string, string> }

/** Runs the docker client; any exit code is an answer. */
export function docker(args: readonly string[], options: DockerOptions): Promise<ExecResult> {
  return exec('docker', args, options)
}

/** Starts the docker client to speak with the program that it runs. @param onLine gets each line that the program prints; @param env of the client */
export function dockerConversation(args: readonly string[], onLine: (line: string) => void, env: Record<string, string>): Conversation {
  return converse('docker', args, onLine, env)
}

/** Starts the docker client to send bytes through the program that it runs. @param env of the client */
export function dockerPipe(args: readonly string[], env: Record<string, string>): BytePipe {
  return bytePipe('docker', args, env)
}

/** Runs the docker client, which must succeed; returns what it printed.
 *  @throws HOP_ENGINE_UNREACHABLE when no engine answers, HOP_ENGINE_REFUSED when it says no. */
export async function dockerOk(args: readonly string[], options: DockerOptions): Promise<string> {
  const result = await docker(args, options)
  if (result.exitCode === 0) return result.stdout
  await requireEngine(options.deadline)
  throw HOP_ENGINE_REFUSED({ command: result.command, said: result.stderr || result.stdout })
}

/** @throws HOP_ENGINE_UNREACHABLE when no engine answers. */
export async function requireEngine(deadline: Deadline): Promise<void> {
  const answer = await docker(['version', '--format', '{{.Server.Version}}'], { deadline })
  if (answer.exitCode !== 0) throw HOP_ENGINE_UNREACHABLE({ said: answer.stderr || answer.stdout })
}

/** The lines a command printed, without empty ones. */
export const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean)
