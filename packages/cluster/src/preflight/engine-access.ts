import { access, constants } from 'node:fs/promises'
import type { Deadline } from '@hoplab/core'
import { exec, HOP_PROGRAM_MISSING } from '@hoplab/core/node'
import { HopError, plainLine } from '@hoplab/core'

/** Whether the engine can be used, told by the socket's errno rather than by what the client prints. */
export type EngineAccess =
  | { state: 'answers' }
  | { state: 'no-client' }
  | { state: 'not-allowed'; socket: string }
  | { state: 'no-answer'; socket: string; said: string }

/** Socket that the docker client uses when it is a file of this machine. */
export const engineSocketPath = (env: NodeJS.ProcessEnv = process.env): string =>
  env.DOCKER_HOST?.startsWith('unix://') ? env.DOCKER_HOST.slice('unix://'.length) : '/var/run/docker.sock'

/** Asks the engine, and says why it cannot be asked. */
export async function engineAccess(deadline: Deadline): Promise<EngineAccess> {
  const socket = engineSocketPath()
  try {
    const answer = await exec('docker', ['version', '--format', '{{.Server.Version}}'], { deadline })
    if (answer.exitCode === 0) return { state: 'answers' }
    const refused = await access(socket, constants.R_OK | constants.W_OK).then(() => false, (error: NodeJS.ErrnoException) => error.code === 'EACCES')
    return refused ? { state: 'not-allowed', socket } : { state: 'no-answer', socket, said: plainLine(answer.stderr) }
  } catch (error) {
    if (error instanceof HopError && error.code === HOP_PROGRAM_MISSING({ program: 'docker' }).code) return { state: 'no-client' }
    throw error
  }
}
