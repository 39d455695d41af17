import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Deadline, defineError, poll } from '@hoplab/core'
import { exec, writeWhole } from '@hoplab/core/node'
import { engineStateFile, type OwnEngine, ownEngine, startTicksOf } from '@hoplab/images'
import { $, which } from 'zx'
import { type HostBefore, makeSecondBridge, raiseInotify, readHost, restoreHost } from './host-changes.ts'
import { logFile, missingCapabilities, socketPath, writeDaemonConfig } from './daemon-config.ts'

const packages = ['docker.io', 'iptables', 'iproute2', 'ipset', 'conntrack', 'kmod', 'debootstrap', 'ca-certificates']

const HOP_ENGINE_PRESENT = defineError<{ where: string }>('HOP_ENGINE_PRESENT', {
  exitCode: 3,
  what: (p) => `A container engine already answers at ${p.where}.`,
  why: 'A second one beside it is not needed, and would share its firewall rules.',
  fix: 'Use it as it is: run "./hoplab doctor".',
  state: 'Nothing was changed.',
})
const HOP_ENGINE_NEEDS_ROOT = defineError('HOP_ENGINE_NEEDS_ROOT', {
  exitCode: 3,
  what: 'Starting a container engine needs root on Linux.',
  why: 'It makes namespaces, bridges and firewall rules.',
  fix: 'Run "sudo node scripts/engine.ts start", or install Docker the way your system offers.',
  state: 'Nothing was changed.',
})
const HOP_ENGINE_NOT_STARTED = defineError<{ log: string }>('HOP_ENGINE_NOT_STARTED', {
  exitCode: 3,
  what: 'dockerd did not answer within 60 s.',
  why: (p) => p.log || 'It wrote nothing to its log.',
  fix: `Read ${logFile}, then run "node scripts/engine.ts start" again.`,
  state: 'The daemon was ended.',
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
  if (running && await answers(deadline, running.socket)) return announce(running, 'already running')
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw HOP_ENGINE_NEEDS_ROOT()
  if (await answers(deadline)) throw HOP_ENGINE_PRESENT({ where: process.env.DOCKER_HOST ?? 'the default socket' })
  if (await answers(deadline, socketPath)) throw HOP_ENGINE_PRESENT({ where: socketPath })
  await installPackages()
  const before = await ofDeadEngine() ?? await readHost()
  await raiseInotify(before)
  const config = await writeDaemonConfig(await which('runc'), before.bridge || before.chains ? await makeSecondBridge() : undefined)
  const missing = missingCapabilities()
  if (missing.length > 0) console.error(`this machine lacks ${missing.join(', ')}: containers run without`)
  const engine = await launch(config, deadline).catch(async (error: unknown) => {
    await restoreHost(before)
    throw error
  })
  await writeWhole(engineStateFile(), `${JSON.stringify({ ...engine, before }, null, 2)}\n`)
  announce(engine, 'started')
}

async function installPackages(): Promise<void> {
  const missing = []
  for (const name of packages) {
    const state = await $({ nothrow: true, quiet: true })`dpkg-query -W ${'-f=${Status}'} ${name}`
    if (state.stdout.trim() !== 'install ok installed') missing.push(name)
  }
  if (missing.length === 0) return
  console.error(`installing ${missing.join(' ')}`)
  // In run level 1 Debian installs a daemon without starting it (invoke-rc.d(8)): ours has its own configuration.
  const apt = $({ quiet: true, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' } })
  await apt`apt-get update`
  await apt`apt-get install --yes --no-install-recommends ${missing}`
}

/** What the host was like before an engine of ours that was killed: its traces are ours to reuse and to remove. */
async function ofDeadEngine(): Promise<HostBefore | undefined> {
  return readFile(engineStateFile(), 'utf8').then((text) => (JSON.parse(text) as { before: HostBefore }).before).catch(() => undefined)
}

async function launch(config: string, deadline: Deadline): Promise<OwnEngine> {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn('dockerd', ['--config-file', config], { detached: true, stdio: ['ignore', log, log] })
  child.unref()
  const up = await poll(() => answers(deadline, socketPath), {
    deadline, until: (ok) => ok, withinMs: 60_000, hopeless: () => child.exitCode !== null,
  })
  const startTicks = child.pid === undefined ? undefined : startTicksOf(child.pid)
  if (!up.ok || child.pid === undefined || startTicks === undefined) {
    child.kill('SIGTERM')
    throw HOP_ENGINE_NOT_STARTED({ log: (await readFile(logFile, 'utf8')).slice(-400) })
  }
  return { pid: child.pid, startTicks, socket: socketPath }
}

function announce(engine: OwnEngine, word: string): void {
  console.error(`engine ${word}, process ${engine.pid}; ./hoplab and npm test find it by themselves`)
  console.log(`export DOCKER_HOST=unix://${engine.socket}`)
}
