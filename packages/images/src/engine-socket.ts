import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '@hoplab/core/node'

/** What `scripts/engine.ts start` leaves for everybody who wants to talk to the engine it started. */
export interface OwnEngine {
  pid: number
  /** Kernel start time of `pid` in clock ticks after boot (proc(5), field 22): tells a reused id from ours. */
  startTicks: string
  /** Path of the daemon's socket. */
  socket: string
}

/** Folder of the engine that `scripts/engine.ts` starts: its configuration, log, images and state file. */
export const engineFolder = (): string => join(cacheFolder(), 'engine')

/** Where {@link OwnEngine} is written. */
export const engineStateFile = (): string => join(engineFolder(), 'state.json')

/** Start time of a process in clock ticks after boot; undefined when it does not live. */
export function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie is dead; some containers have an init that never reaps it.
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch { return undefined }
}

/** The engine that `scripts/engine.ts start` started, if its daemon still lives. */
export function ownEngine(): OwnEngine | undefined {
  try {
    const state = JSON.parse(readFileSync(engineStateFile(), 'utf8')) as OwnEngine
    // Before the daemon has been started the state holds only what the host was like.
    const ticks = startTicksOf(state.pid)
    return ticks !== undefined && ticks === state.startTicks ? state : undefined
  } catch { return undefined }
}

/** Socket of our own engine, if it lives. */
export const engineSocket = (): string | undefined => ownEngine()?.socket

/**
 * Lets `docker` and `kind` started by this process find our own engine: sets DOCKER_HOST to its socket.
 * Does nothing where the user chose an engine (DOCKER_HOST or DOCKER_CONTEXT set). The ordinary socket says nothing: a dead daemon leaves it behind,
 * and `start` refuses beside a daemon that answers there.
 */
export function useOwnEngine(env: NodeJS.ProcessEnv = process.env): void {
  if (env.DOCKER_HOST || env.DOCKER_CONTEXT) return
  const socket = engineSocket()
  if (socket) env.DOCKER_HOST = `unix://${socket}`
}
