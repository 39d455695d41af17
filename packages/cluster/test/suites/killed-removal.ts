import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Deadline, poll } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import type { ClusterProvider } from '@hoplab/cluster'
import { expect } from 'vitest'

/** Kills a removal half-way and lets another one finish it. Returns what is left of the lab then: containers, what the provider lists, what a third one removes. */
export async function killedRemoval(lab: string, provider: ClusterProvider, deadline: Deadline): Promise<unknown> {
  const containers = async (): Promise<string[]> =>
    (await run('docker', ['ps', '--all', '--format', '{{.Names}}'], { deadline })).stdout.split('\n').filter((name) => name.startsWith(`hoplab-${lab}-`))
  const before = (await containers()).length
  const child = spawn(process.execPath, [join(import.meta.dirname, '../programs/clean.ts'), lab], { stdio: 'inherit' })
  const exit = once(child, 'exit')
  await poll(containers, { deadline, everyMs: 20, maxEveryMs: 20, withinMs: 60_000, until: (names) => names.length < before })
  child.kill('SIGKILL')
  expect(await exit).toEqual([null, 'SIGKILL'])
  await provider.clean({ name: lab, deadline })
  return {
    containers: await containers(), listed: (await provider.list(deadline)).filter((found) => found.name === lab), removed: await provider.clean({ name: lab, deadline }),
  }
}
