import { Deadline } from '@hoplab/core'
import { asRoot } from '@hoplab/core/node'
import { listImages, ordinaryCniImages, useOwnEngine } from '@hoplab/images'
import { $ } from 'zx'

/** Why docker tests cannot run here, with the command that mends it; undefined when they can. */
export async function whyNoDockerTests(): Promise<string | undefined> {
  if (!await engineAnswers()) return 'no engine'
  return reasonOf({ root: process.platform !== 'linux' || process.getuid?.() === 0, missing: await missingImages() })
}

/** The reason on a machine whose engine answers. The tests make network namespaces and file systems, and labs of home-built images. */
export function reasonOf({ root, missing }: { root: boolean; missing: readonly string[] }): string | undefined {
  if (!root) return 'they need root on Linux, run "sudo npm test"'
  return missing.length === 0 ? undefined : `no ${missing.join(', ')}, run "${asRoot('./hoplab images build')}"`
}

async function missingImages(): Promise<string[]> {
  using deadline = Deadline.start('look for images', 60_000)
  return (await listImages({ source: 'local', cni: ordinaryCniImages, deadline })).filter(({ state }) => state === 'missing').map(({ ref }) => ref)
}

/** Whether a container engine answers: the user's, or ours of scripts/engine.ts (then DOCKER_HOST is set for the tests too). Waits 30 s at most. */
async function engineAnswers(): Promise<boolean> {
  useOwnEngine()
  const info = await $({ nothrow: true, quiet: true, timeout: '30s' })`docker info --format {{.ID}}`
  return info.exitCode === 0 && info.stdout.trim() !== ''
}

/** How many docker tests there are, without running any. */
export async function countDockerTests(root: string): Promise<number> {
  const list = await $({ cwd: root, quiet: true })`vitest list --project docker --json`
  return (JSON.parse(list.stdout) as unknown[]).length
}
