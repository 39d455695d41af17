import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, type HopError, silent } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { kindProvider } from '@hoplab/cluster/kind'
import { flannelInstaller } from '@hoplab/cni/flannel'
import { imageSet, useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { homeMount, labelArguments } from '../src/engine/marks.ts'
import { writeState } from '../src/state/state-file.ts'
import { specOf } from './programs/spec.ts'

// Two state folders (two users, two HOPLAB_HOMEs) on one engine.
useOwnEngine()
const provider = kindProvider()
const network = flannelInstaller()
const lab = 't-homes'
const name = `hoplab-${lab}`

/** A network, a container with labels and one like kind's nodes, as the state folder that is set now would mark them. */
async function makeThings(deadline: Deadline): Promise<void> {
  const start = (suffix: string, marks: readonly string[]): Promise<unknown> =>
    run('docker', ['run', '--detach', '--name', `${name}-${suffix}`, '--network', name, ...marks, '--entrypoint', 'sleep', imageSet('local').toolbox, 'infinity'], { deadline })
  const { hostPath, containerPath } = homeMount()
  await run('docker', ['network', 'create', ...labelArguments({ lab, runId: 'run', role: 'network' }), name], { deadline })
  await start('gateway', labelArguments({ lab, runId: 'run', role: 'gateway' }))
  await start('control-plane', ['--label', `io.x-k8s.kind.cluster=${name}`, '--volume', `${hostPath}:${containerPath}:ro`])
}

async function thingsNow(deadline: Deadline): Promise<string> {
  const ids = await run('docker', ['ps', '--all', '--no-trunc', '--filter', `name=${name}`, '--format', '{{.ID}} {{.Names}} {{.State}}'], { deadline })
  return `${ids.stdout}${(await run('docker', ['network', 'ls', '--no-trunc', '--filter', `name=${name}`], { deadline })).stdout}`
}

const deadline = Deadline.start('two homes', 300_000)
const before = process.env.HOPLAB_HOME
let homes: { mine: string; other: string }
const use = (home: string | undefined): void => { if (home === undefined) delete process.env.HOPLAB_HOME; else process.env.HOPLAB_HOME = home }
beforeAll(async () => {
  const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'hoplab-home-'))
  homes = { mine: await folder(), other: await folder() }
  use(homes.other)
  await makeThings(deadline)
  use(homes.mine)
})
afterAll(async () => {
  use(homes.other)
  await provider.clean({ name: lab, deadline })
  use(before)
  await Promise.all(Object.values(homes).map((home) => rm(home, { recursive: true })))
  deadline[Symbol.dispose]()
})

test("a lab of another's is not listed, not adopted, not replaced", async () => {
  const made = await thingsNow(deadline)
  expect(made.trim().split('\n')).toHaveLength(4)
  expect(await provider.list(deadline)).toEqual([])
  const refused = await provider.ensure(specOf(lab), { deadline, progress: silent, network, recreate: true }).catch((thrown: unknown) => thrown)
  expect((refused as HopError).facts).toMatchObject({ code: 'HOP_LAB_OF_OTHER_HOME', what: expect.stringContaining('another state folder'), why: expect.stringContaining(homes.mine) })
  const adopted = await provider.adopt(lab, { deadline, network }).catch((thrown: unknown) => thrown)
  expect((adopted as HopError).code).toBe('HOP_LAB_NOT_UP')
  expect(await thingsNow(deadline)).toBe(made)
})

test('cleaning by name or everything removes nothing of it, even when this folder remembers a try of the same name', async () => {
  const made = await thingsNow(deadline)
  const nothing = { containers: [], networks: [], processes: [], folders: [] }
  expect(await provider.clean({ name: lab, deadline })).toEqual(nothing)
  expect(await provider.clean({ deadline })).toEqual(nothing)
  await writeState({ spec: specOf(lab), hash: 'h', runId: 'lost', created: '', images: imageSet('local'), complete: false })
  expect(await provider.clean({ deadline })).toEqual({ ...nothing, folders: [expect.stringContaining('cluster.json')] })
  expect(await thingsNow(deadline)).toBe(made)
})

test('whoever made it removes it', async () => {
  use(homes.other)
  expect(await provider.list(deadline)).toEqual([expect.objectContaining({ name: lab, state: 'partial', networks: [name] })])
  expect((await provider.clean({ deadline })).containers.sort()).toEqual([`${name}-control-plane`, `${name}-gateway`])
  expect((await thingsNow(deadline)).trim().split('\n')).toHaveLength(1)
})
