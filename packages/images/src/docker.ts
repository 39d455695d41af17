import type { Deadline } from '@hoplab/core'
import { exec, type ExecOptions, run } from '@hoplab/core/node'
import { HOP_IMAGES_ENGINE_UNREACHABLE } from './errors.ts'

/** What the engine knows of one image. */
export interface ImageFacts {
  ref: string; id: string; bytes: number; created: string; labels: Record<string, string>;
  /** Digests under which registries have given it, `name@sha256:…`. Empty for an image built here. */
  digests: string[]
}

/** The few things that are asked of the container engine, through its own client. */
export interface ImageEngine {
  /** @throws HOP_IMAGES_ENGINE_UNREACHABLE when no engine answers. */
  requireAnswer(deadline: Deadline): Promise<void>
  /** undefined when the engine has no image of this name. */
  inspect(ref: string, deadline: Deadline): Promise<ImageFacts | undefined>
  /** Builds the folder's Dockerfile. */
  build(options: BuildOptions): Promise<void>
  /** Runs any other sub-command of the client; it must succeed. */
  run(args: readonly string[], options: Pick<ExecOptions, 'deadline' | 'onLine'>): Promise<string>
}

export interface BuildOptions {
  folder: string
  ref: string
  args: Record<string, string>
  labels: Record<string, string>
  deadline: Deadline
  onLine?: (line: string) => void
}

interface Inspected { Id: string; Size: number; Created: string; RepoDigests?: string[] | null; Config?: { Labels?: Record<string, string> | null } }

/** The engine that the `docker` client of this machine talks to. */
export const dockerEngine: ImageEngine = {
  async requireAnswer(deadline) {
    const answer = await exec('docker', ['version', '--format', '{{.Server.Version}}'], { deadline })
    if (answer.exitCode !== 0) throw HOP_IMAGES_ENGINE_UNREACHABLE({ said: answer.stderr || answer.stdout })
  },
  async inspect(ref, deadline) {
    const answer = await exec('docker', ['image', 'inspect', '--format', '{{json .}}', ref], { deadline })
    if (answer.exitCode !== 0) {
      if (/no such image/iu.test(answer.stderr)) return undefined
      throw HOP_IMAGES_ENGINE_UNREACHABLE({ said: answer.stderr })
    }
    const facts = JSON.parse(answer.stdout) as Inspected
    return { ref, id: facts.Id, bytes: facts.Size, created: facts.Created, labels: facts.Config?.Labels ?? {}, digests: facts.RepoDigests ?? [] }
  },
  async build({ folder, ref, args, labels, deadline, onLine }) {
    const flags = [
      ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
      ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ]
    // The classic builder: Debian's client has no buildx, and every engine still has this one.
    await run('docker', ['build', '--force-rm', '--tag', ref, ...flags, folder], { deadline, env: { DOCKER_BUILDKIT: '0' }, ...(onLine ? { onLine } : {}) })
  },
  async run(args, options) { return (await run('docker', args, options)).stdout },
}
