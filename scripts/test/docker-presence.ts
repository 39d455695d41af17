import { useOwnEngine } from '@hoplab/images'
import { $ } from 'zx'

/** Whether a container engine answers: the user's, or ours of scripts/engine.ts (then DOCKER_HOST is set for the tests too). Waits 30 s at most. */
export async function engineAnswers(): Promise<boolean> {
  useOwnEngine()
  const info = await $({ nothrow: true, quiet: true, timeout: '30s' })`docker info --format {{.ID}}`
  return info.exitCode === 0 && info.stdout.trim() !== ''
}

/** How many docker tests there are, without running any. */
export async function countDockerTests(root: string): Promise<number> {
  const list = await $({ cwd: root, quiet: true })`vitest list --project docker --json`
  return (JSON.parse(list.stdout) as unknown[]).length
}
