import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import type { ClusterProvider } from '@hoplab/cluster'
import { describe, expect, test } from 'vitest'

/** Starts the program that makes a cluster and kills it `afterMs` into a phase. */
async function killedIn(phase: string, lab: string, afterMs: number, deadline: Deadline): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../programs/ensure.ts'), lab], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) if (line === phase) break
  await deadline.sleep(afterMs)
  child.kill('SIGKILL')
  await exit
}

/** Nothing of a run that was killed survives a clean-up. */
export function killedSuite(provider: () => ClusterProvider): void {
  describe('kill -9', () => {
    test.each([['network', 50], ['nodes', 3_000], ['cni', 500]])('in phase %s: clean leaves nothing', async (phase, afterMs) => {
      using deadline = Deadline.start('killed', 200_000)
      const lab = 't-killed'
      await killedIn(phase, lab, afterMs, deadline)
      await provider().clean({ name: lab, deadline })
      // An orphan that still worked would have made something by now.
      await deadline.sleep(3_000)
      expect((await provider().list(deadline)).filter((found) => found.name === lab)).toEqual([])
      const names = (await run('docker', ['ps', '--all', '--format', '{{.Names}}'], { deadline })).stdout
      expect(names).not.toContain(`hoplab-${lab}`)
      expect((await run('docker', ['network', 'ls', '--format', '{{.Name}}'], { deadline })).stdout).not.toContain(`hoplab-${lab}`)
    })
  })
}
