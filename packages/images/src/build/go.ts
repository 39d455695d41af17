import { join } from 'node:path'
import { exec } from '@hoplab/core/node'
import { HOP_IMAGES_MODULE_MISSING, HOP_IMAGES_STEP_FAILED } from '../errors.ts'
import { type BuildContext, buildFolder } from './step.ts'

/** Flags of every `go build`: the same bytes wherever it runs. */
export const trim = ['-trimpath', '-buildvcs=false']
/** Programs that need nothing of the image they are put into. */
export const staticEnv = { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' }
const refused = /(?:410 Gone|404 Not Found|403 Forbidden|no matching versions|dial tcp|no such host|i\/o timeout|disabled by GOPROXY)/u

/**
 * Runs the go command in a folder; returns what it printed.
 * @throws HOP_IMAGES_MODULE_MISSING naming the module that could not be had, else HOP_IMAGES_STEP_FAILED
 */
export async function go(
  args: readonly string[], cwd: string, step: string, context: BuildContext, env: Record<string, string>,
): Promise<string> {
  const result = await exec('go', args, { deadline: context.deadline, cwd, env, onLine: context.onLine })
  if (result.exitCode === 0) return result.stdout
  const said = result.stderr || result.stdout
  if (refused.test(said)) {
    const [, module = step, version] = /([\w.-]+\.[a-z]+\/[\w./-]+)[@ ](v[\w.+-]+)/u.exec(said) ?? []
    throw HOP_IMAGES_MODULE_MISSING({ module: version ? `${module}@${version}` : module, said })
  }
  throw HOP_IMAGES_STEP_FAILED({ step, said, log: join(buildFolder(), 'build.log') })
}
