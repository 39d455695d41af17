import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FoundCluster } from '@hoplab/cluster'
import { Deadline, silent } from '@hoplab/core'
import { exec, labFolder } from '@hoplab/core/node'
import type { SavedLab } from '@hoplab/model'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Cleaned, cleanLabs } from './clean-labs.ts'
import { folderStore } from './folder-store.ts'
import { lockRun, runLockFile } from './run-lock.ts'

let home = ''
let deadline: Deadline
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'hoplab-test-')); vi.stubEnv('HOPLAB_HOME', home); deadline = Deadline.start('test', 280_000) })
afterEach(async () => { vi.unstubAllEnvs(); deadline[Symbol.dispose](); await rm(home, { recursive: true, force: true }) })

const saved = (name: string, more: Partial<SavedLab>): SavedLab => ({
  schemaVersion: 1, name, lab: 'tiny', setUp: 'hash', runId: 'r', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', images: 'local', internet: false,
  seed: '1', temporary: false, handedOver: true, faults: [], steps: {}, ...more,
})
const up = (name: string): FoundCluster => ({ name, runId: 'r', state: 'up', containers: [], networks: [] })

/** Cleans where `found` is in the engine; tells which labs the provider was asked to remove. */
async function clean(asked: string | undefined, found: readonly FoundCluster[], all = false): Promise<Cleaned & { asked: string[] }> {
  const names: string[] = []
  const provider = {
    list: () => Promise.resolve([...found]),
    clean: ({ name }: { name?: string }) => { names.push(name ?? 'all'); return Promise.resolve({ containers: [], networks: [], processes: [], folders: [] }) },
  }
  return { ...await cleanLabs(asked, { provider, all, deadline, progress: silent }), asked: names }
}

test('a lab that a living command makes stays before hand-over, whatever is saved of it, and even with --all', async () => {
  await folderStore('making').write(saved('making', { handedOver: false }))
  const held = await lockRun('making', deadline)
  for (const [asked, all] of [['making', false], [undefined, false], ['making', true], [undefined, true]] as const) {
    expect(await clean(asked, [up('making')], all)).toMatchObject({ asked: [], kept: [{ name: 'making', why: expect.stringContaining(`process ${process.pid}`) }] })
  }
  expect(existsSync(labFolder('making'))).toBe(true)
  await held[Symbol.asyncDispose]()
  expect(await clean('making', [up('making')])).toMatchObject({ asked: ['making'], kept: [] })
  expect(existsSync(labFolder('making'))).toBe(false)
})

test('the lock of a killed command does not keep its lab', async () => {
  await exec('sh', ['-c', `mkdir -p "$(dirname "$0")" && printf '{"pid":%d}' $$ > "$0"`, runLockFile('killed')], { deadline })
  await pause(20)
  expect(await clean(undefined, [{ ...up('killed'), state: 'partial' }])).toMatchObject({ asked: ['killed'], kept: [] })
  expect(existsSync(runLockFile('killed'))).toBe(false)
})

test("a learner's lab stays while it is up, unless all is asked for; that of a dead run goes", async () => {
  await folderStore('mine').write(saved('mine', {}))
  await folderStore('story').write(saved('story', { temporary: true }))
  expect(await clean(undefined, [up('mine'), up('story')])).toMatchObject({ asked: ['story'], kept: [{ name: 'mine', why: 'it is up' }] })
  expect(await clean(undefined, [up('mine')], true)).toMatchObject({ asked: ['mine'], kept: [] })
})

test('evidence of failures stays until all is asked for', async () => {
  await mkdir(join(labFolder('failed'), 'evidence'), { recursive: true })
  await writeFile(join(labFolder('failed'), 'evidence/error.json'), '{}')
  expect(await clean(undefined, [])).toMatchObject({ asked: [], removed: { folders: [] } })
  expect((await clean(undefined, [], true)).removed.folders).toEqual([labFolder('failed')])
})
