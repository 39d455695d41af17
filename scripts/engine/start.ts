import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { Deadline, defineError, poll } from '@hoplab/core'
import { exec, startOwnEngine } from '@hoplab/core/node'
import { engineStateFile, type OwnEngine, ownEngine, startTicksOf } from '@hoplab/images'
import { which } from 'zx'
import { type HostBefore, makeSecondBridge, raiseInotify, readHost, restoreHost } from './host-changes.ts'
import { logFile, missingCapabilities, pidFile, socketPath, writeDaemonConfig } from './daemon-config.ts'
import { installPackages } from './packages.ts'
import { hostBefore, writeState } from './state.ts'

const HOP_ENGINE_PRESENT = defineError<{ where: string }>('HOP_ENGINE_PRESENT', {
  exitCode: 3,
  what: (p) => `A container engine already answers at ${p.where}.`,
  why: 'A second one beside it is not needed, and would share its firewall rules.',
  fix: 'Use it as it is: run "./hoplab doctor".',
  state: 'Nothing was changed.',
})
/** Thrown by `start` and `stop`. */
export const HOP_ENGINE_NEEDS_ROOT = defineError('HOP_ENGINE_NEEDS_ROOT', {
  exitCode: 3,
  what: 'Starting or stopping a container engine needs root on Linux.',
  why: 'It makes namespaces, bridges and firewall rules.',
  fix: () => `Run "${startOwnEngine()}" (or stop) on Linux, or install Docker the way your system offers.`,
  state: 'Nothing was changed.',
})
const HOP_ENGINE_NOT_STARTED = defineError<{ log: string }>('HOP_ENGINE_NOT_STARTED', {
  exitCode: 3,
  what: 'dockerd did not answer within 60 s.',
  why: (p) => p.log || 'It wrote nothing to its log.',
  fix: () => `Read ${logFile}, end the daemon with "${startOwnEngine().replace(/start$/u, 'stop')}", then start it again.`,
  state: 'A daemon that this command started was ended.',
})

/** Whether a container engine answers there; undefined = wherever the client looks by itself. */
export async function answers(deadline: Deadline, socket?: string): Promise<boolean> {
  if (!await which('docker', { nothrow: true })) return false
  const host = socket === undefined ? {} : { DOCKER_HOST: `unix://${socket}` }
  const result = await exec('docker', ['info', '--format', '{{.ID}}'], { deadline, env: host })
  return result.exitCode === 0 && result.stdout.trim() !== ''
}

/** Starts our engine unless it runs already. Prints to stdout the line that points `docker` at it; talk goes to stderr. */
export async function start(): Promise<void> {
  using deadline = Deadline.start('start the engine', 10 * 60_000)
  const running = ownEngine()
  if (running) {
    await untilItAnswers(running.socket, deadline)
    return announce(running, 'already running')
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw HOP_ENGINE_NEEDS_ROOT()
  if (await answers(deadline)) throw HOP_ENGINE_PRESENT({ where: process.env.DOCKER_HOST ?? 'the default socket' })
  if (await answers(deadline, socketPath)) throw HOP_ENGINE_PRESENT({ where: socketPath })
  await installPackages()
  // What an engine of ours that was killed left is ours to reuse and to remove.
  const before = await hostBefore() ?? await readHost()
  await writeState(before)
  await raiseInotify(before)
  const config = await writeDaemonConfig(await which('runc'), before.bridge || before.chains ? await makeSecondBridge() : undefined)
  const missing = missingCapabilities()
  if (missing.length > 0) console.error(`this machine lacks ${missing.join(', ')}: containers run without`)
  const engine = await launch(config, before, deadline).catch(async (error: unknown) => {
    await restoreHost(before)
    await rm(engineStateFile(), { force: true })
    throw error
  })
  announce(engine, 'started')
}

async function launch(config: string, before: HostBefore, deadline: Deadline): Promise<OwnEngine> {
  // Nothing of ours lives; a number that another process has by now would keep the daemon from starting.
  await rm(pidFile, { force: true })
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn('dockerd', ['--config-file', config], { detached: true, stdio: ['ignore', log, log] })
  child.on('error', (error) => console.error(error.message))
  child.unref()
  const startTicks = child.pid === undefined ? undefined : startTicksOf(child.pid)
  if (child.pid === undefined || startTicks === undefined) throw HOP_ENGINE_NOT_STARTED({ log: await endOfLog() })
  const engine = { pid: child.pid, startTicks, socket: socketPath }
  await writeState(before, engine)
  try {
    await untilItAnswers(socketPath, deadline, () => child.exitCode !== null)
  } catch (error) {
    child.kill('SIGTERM')
    throw error
  }
  return engine
}

const endOfLog = async (): Promise<string> => (await readFile(logFile, 'utf8').catch(() => '')).slice(-400)

/** A daemon that another `start` has just made may not answer yet. */
async function untilItAnswers(socket: string, deadline: Deadline, hopeless = (): boolean => false): Promise<void> {
  const up = await poll(() => answers(deadline, socket), { deadline, until: (ok) => ok, withinMs: 60_000, hopeless })
  if (!up.ok) throw HOP_ENGINE_NOT_STARTED({ log: await endOfLog() })
}

/** A user's cache folder is not root's: behind `sudo` the state file is where only root looks. */
function announce(engine: OwnEngine, word: string): void {
  const { SUDO_USER: user } = process.env
  const found = user
    ? `type the next line in your shell, so that docker and ./hoplab find it ("sudo usermod -aG docker ${user} && newgrp docker" lets you in)`
    : './hoplab and npm test find it by themselves; for docker type the next line'
  console.error(`engine ${word}, process ${engine.pid}; ${found}`)
  console.log(`export DOCKER_HOST=unix://${engine.socket}`)
}
