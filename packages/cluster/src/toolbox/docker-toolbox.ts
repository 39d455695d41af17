import { Deadline } from '@hoplab/core'
import type { ExecResult } from '@hoplab/core/node'
import { docker, type DockerOptions, dockerOk } from '../engine/docker.ts'
import { labelArguments } from '../engine/marks.ts'
import { HOP_TOOLBOX_GONE } from '../errors.ts'
import type { Toolbox, ToolboxResult } from '../port.ts'

/** Ends the program inside when our own bound is over: ending the docker client leaves it running. One second of grace for the way back. */
const bounded = (deadline: Deadline): string[] => {
  const left = deadline.remainingMs()
  return Number.isFinite(left) ? ['timeout', '--kill-after=1', `${(left / 1000 + 1).toFixed(1)}`] : []
}

/**
 * Runs argv in a container and reports its own exit code. The engine's client answers 1 both for "the container is gone" and for a program
 * that failed, so the shell around the program says its status behind a nonce at the very end of stderr.
 */
export async function execInContainer(container: string, argv: readonly string[], options: { deadline: Deadline; input?: string }): Promise<ToolboxResult> {
  const { deadline, input } = options
  const end = `hoplab-end-${crypto.randomUUID()}`
  const script = `"$@"; printf '\\n${end} %d' "$?" >&2`
  const result = await asLongAsItRuns(container, ['exec', ...(input === undefined ? [] : ['--interactive']), container, 'sh', '-c', script, 'sh', ...bounded(deadline), ...argv], options)
  const at = result.stderr.lastIndexOf(`\n${end} `)
  if (at < 0) throw HOP_TOOLBOX_GONE({ container, said: result.stderr })
  return { exitCode: Number(result.stderr.slice(at + end.length + 2)), stdout: result.stdout, stderr: result.stderr.slice(0, at), durationMs: result.durationMs }
}

/** How often a container is looked at while a program in it runs, in milliseconds; most programs end long before. */
const lookEveryMs = 3_000

/**
 * Runs the engine's client for a program in a container, as long as that container runs. A program in the node's process namespace outlives the
 * container it was started in, and the client then waits for it (seen here: for a minute, until our own bound).
 * @throws HOP_TOOLBOX_GONE when the container was seen not to run any more
 */
async function asLongAsItRuns(container: string, args: readonly string[], options: DockerOptions): Promise<ExecResult> {
  const gone = new AbortController()
  const ended = new AbortController()
  using bound = Deadline.start(options.deadline.name, Infinity, { clock: options.deadline.clock, signal: AbortSignal.any([options.deadline.signal, gone.signal]) })
  const watched = watch(container, options.deadline, ended.signal, () => gone.abort(HOP_TOOLBOX_GONE({ container, said: 'Its container does not run any more.' })))
  try {
    return await docker(args, { ...options, deadline: bound })
  } finally {
    ended.abort()
    await watched
  }
}

/** Looks until `ended`; tells once when the engine says that the container does not run. */
async function watch(container: string, deadline: Deadline, ended: AbortSignal, onGone: () => void): Promise<void> {
  for (;;) {
    const goOn = await deadline.clock.sleep(lookEveryMs, ended).then(() => true, () => false)
    if (!goOn || deadline.signal.aborted) return
    const said = await docker(['inspect', '--format', '{{.State.Running}}', container], { deadline }).catch(() => undefined)
    if (said?.exitCode === 0 && said.stdout.trim() === 'false') { onGone(); return }
  }
}

/** The toolbox of one node. */
export function dockerToolbox(node: string, container: string): Toolbox {
  return { node, exec: (argv, options) => execInContainer(container, argv, options) }
}

/** What a toolbox is started with. */
export interface ToolboxSpec { container: string; node: string; image: string; lab: string; runId: string }

/** Starts a container that shares a node container's network and processes and may do everything there. */
export async function startToolbox(spec: ToolboxSpec, deadline: Deadline): Promise<Toolbox> {
  await dockerOk([
    'run', '--pull', 'never', '--detach', '--name', spec.container, '--privileged', '--network', `container:${spec.node}`, '--pid', `container:${spec.node}`,
    ...labelArguments({ ...spec, role: 'toolbox' }),
    '--entrypoint', 'sleep', spec.image, 'infinity',
  ], { deadline })
  return dockerToolbox(spec.node, spec.container)
}
