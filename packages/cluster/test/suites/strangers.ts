import { Deadline, type HopError, silent } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import type { ClusterProvider, NetworkInstaller } from '@hoplab/cluster'
import { imageSet } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { specOf } from '../programs/spec.ts'

const network = 't-stranger'
const containers = ['hoplab-t-taken-control-plane', 't-stranger-control-plane']

/** Everything that is in the engine and not ours, as text: containers with their state, networks. */
export async function strangersNow(): Promise<string> {
  using deadline = Deadline.start('strangers', 200_000)
  const found = await run('docker', ['container', 'inspect', ...containers, '--format', '{{.Id}} {{.State.Status}} {{.State.StartedAt}} {{json .Config.Labels}} {{json .NetworkSettings.Networks}}'], { deadline })
  return found.stdout + (await run('docker', ['network', 'inspect', network], { deadline })).stdout
}

async function removeStrangers(deadline: Deadline): Promise<void> {
  await exec('docker', ['rm', '--force', '--volumes', ...containers], { deadline })
  await exec('docker', ['network', 'rm', network], { deadline })
}

/** A stranger's cluster on a network of its own, one of its nodes called as ours would be. */
export function strangersSuite(get: () => { provider: ClusterProvider; installer: NetworkInstaller }): void {
  let deadline: Deadline
  beforeAll(async () => {
    deadline = Deadline.start('strangers', 900_000)
    await removeStrangers(deadline)
    await run('docker', ['network', 'create', network], { deadline })
    for (const name of containers) {
      await run('docker', ['run', '--detach', '--name', name, '--network', network, '--label', `io.x-k8s.kind.cluster=${name.replace('-control-plane', '')}`,
        '--entrypoint', 'sleep', imageSet('local').toolbox, 'infinity'], { deadline })
    }
  })
  afterAll(async () => {
    await removeStrangers(deadline)
    deadline[Symbol.dispose]()
  })

  describe("a stranger's cluster", () => {
    test('of the name asked for: refused before anything is made, and not touched', async () => {
      const before = await strangersNow()
      const error = await get().provider.ensure(specOf('t-taken'), { deadline, progress: silent, network: get().installer }).catch((thrown: unknown) => thrown)
      expect((error as HopError).facts).toMatchObject({ code: 'HOP_NAME_TAKEN', what: expect.stringContaining('hoplab-t-taken-control-plane') })
      await get().provider.clean({ name: 't-taken', deadline })
      expect(await strangersNow()).toBe(before)
    })
    test('is not listed as ours', async () => {
      const names = (await get().provider.list(deadline)).map((found) => found.name)
      expect(names).not.toContain('t-taken')
      expect(names).not.toContain('t-stranger')
    })
  })
}
