import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { cacheFolder, exec, type ExecResult, run } from '@hoplab/core/node'
import { ensureKind } from '@hoplab/images'

/** Root of the repository. */
export const repository: string = join(import.meta.dirname, '../../..')

/** A folder of its own for state, cache and engine, and a network namespace without a way out: what a bare machine has, inside this one. */
export interface BareMachine extends AsyncDisposable {
  /** HOPLAB_HOME of everything that runs here. */
  home: string
  /** What a command line begins with to run in the machine's network namespace, and the variables it needs there. */
  enter: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Runs a program there. DOCKER_HOST is unset unless `env` names one. */
  exec(argv: readonly string[], env?: Record<string, string>): Promise<ExecResult>
  /** `./hoplab …` there. */
  hoplab(args: readonly string[], env?: Record<string, string>): Promise<ExecResult>
  /** Starts a second engine there with the project's own script, and returns its DOCKER_HOST. */
  startEngine(): Promise<string>
  /** Process id of that engine. */
  enginePid(): Promise<number>
}

/**
 * Makes such a machine. `diskMiB` puts its home on a file system of that size.
 * Its own network namespace keeps the second daemon's firewall rules and bridges away from the first's. Needs root on Linux.
 */
export async function bareMachine(deadline: Deadline, { diskMiB }: { diskMiB?: number } = {}): Promise<BareMachine> {
  const namespace = `hoplab-test-${process.pid}-${Math.random().toString(36).slice(2, 6)}`
  const home = await mkdtemp(join(tmpdir(), 'hoplab-bare-'))
  const must = (argv: readonly string[]): Promise<ExecResult> => run(argv[0] ?? '', argv.slice(1), { deadline })
  if (diskMiB) await must(['mount', '-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'hoplab-bare', home])
  await lendPrograms(home, deadline)
  await must(['ip', 'netns', 'add', namespace])
  await must(['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
  // nsenter, not "ip netns exec": that one mounts a new /sys and loses the cgroup hierarchies of version 1.
  const enter = ['nsenter', `--net=/run/netns/${namespace}`] as const
  const env = { DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined, HOPLAB_HOME: home }
  const inside = (argv: readonly string[], more: Record<string, string> = {}): Promise<ExecResult> => exec(enter[0], [enter[1], ...argv], { deadline, cwd: repository, env: { ...env, ...more } })
  const engineState = join(home, 'cache/engine/state.json')
  const enginePid = async (): Promise<number> => (JSON.parse(await readFile(engineState, 'utf8')) as { pid: number }).pid
  return {
    home, enginePid, enter, env, exec: inside,
    hoplab: (args, more) => inside([process.execPath, 'packages/cli/src/main.ts', ...args], more),
    async startEngine() {
      const started = await inside([process.execPath, 'scripts/engine.ts', 'start'])
      const host = /^export DOCKER_HOST=(\S+)$/mu.exec(started.stdout)?.[1]
      if (!host) throw new Error(`the second engine did not start: ${started.stderr}`)
      return host
    },
    async [Symbol.asyncDispose]() {
      using last = Deadline.start('remove the bare machine', 120_000)
      await exec('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, 'scripts/engine.ts', 'stop'], { deadline: last, cwd: repository, env: { HOPLAB_HOME: home, DOCKER_HOST: undefined } })
      await exec('ip', ['netns', 'del', namespace], { deadline: last })
      if (diskMiB) await exec('umount', [home], { deadline: last })
      await rm(home, { recursive: true, force: true })
    },
  }
}

/** The machine has no way to a registry of npm or Go modules: it gets the programs that scripts/toolchain.sh made for this one, and kind. */
async function lendPrograms(home: string, deadline: Deadline): Promise<void> {
  await run('sh', [join(repository, 'scripts/toolchain.sh'), 'true'], { deadline, cwd: repository })
  await ensureKind(deadline)
  await mkdir(join(home, 'cache'))
  for (const folder of ['toolchain', 'bin']) await symlink(join(cacheFolder(), folder), join(home, 'cache', folder))
}
