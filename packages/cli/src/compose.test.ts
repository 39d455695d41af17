import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, silent } from '@hoplab/core'
import type { SavedLab } from '@hoplab/model'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openNew, openUp } from './compose.ts'
import type { CommandContext } from './context.ts'
import { folderStore } from './folder-store.ts'

let home = ''
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'hoplab-test-')); vi.stubEnv('HOPLAB_HOME', home); vi.stubEnv('DOCKER_HOST', `unix://${home}/no.sock`) })
afterEach(async () => { vi.unstubAllEnvs(); await rm(home, { recursive: true, force: true }) })

const up: SavedLab = {
  schemaVersion: 1, name: 'recap', lab: 'recap', setUp: 'hash', runId: 'r', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', images: 'local', internet: false,
  seed: '12', temporary: false, handedOver: true, faults: [], steps: {},
}

const context = (flags: CommandContext['flags']): CommandContext => ({
  args: [], flags, deadline: Deadline.start('test', 280_000), language: 'en', json: false, look: { colour: false, unicode: false, live: false },
  reporter: { hear: silent, [Symbol.dispose]() {} }, print() {}, say() {},
})

const seedOf = async (flags: CommandContext['flags'], temporary = false): Promise<string> => (await openNew(context(flags), 'recap', { temporary })).run.spec.seed

describe('options of the network', () => {
  test('are asked for with the flag, and a lab that is up keeps its own', async () => {
    const { run } = await openNew(context({ cniOption: ['backend=host-gw'] }), 'first-packet', { temporary: false })
    expect(run.spec.installer).toMatchObject({ name: 'flannel', options: { flannel: { backend: 'host-gw' } } })
    expect((await openNew(context({}), 'first-packet', { temporary: false })).run.spec.installer.options).toBeUndefined()
    await folderStore('recap').write({ ...up, cniOptions: { flannel: { backend: 'host-gw' } } })
    expect((await openUp(context({}))).run.spec.installer.options).toEqual({ flannel: { backend: 'host-gw' } })
  })
  test('that take away the tunnel that a lab is about are refused before anything is created', async () => {
    await expect(openNew(context({ cniOption: ['directRouting=true'] }), 'recap', { temporary: true })).rejects.toMatchObject({ code: 'HOP_NOT_OFFERED', exitCode: 2 })
    expect(await readdir(home)).toEqual([])
  })
})

describe('the seed', () => {
  test('decides what is planted, and nothing is created by asking', async () => {
    const { lab, run } = await openNew(context({ seed: '12' }), 'recap', { temporary: false })
    expect(run.spec.seed).toBe('12')
    expect(lab.planted.map(({ fault }) => fault)).toEqual(['selector-wrong', 'vxlan-port-dropped'])
    expect(run.spec.lab.planted).toBe(lab.planted)
    expect(await readdir(home)).toEqual([])
  })
  test('that is none is refused before anything is created', async () => {
    await expect(openNew(context({ seed: 'a b' }), 'recap', { temporary: true })).rejects.toMatchObject({ code: 'HOP_SEED_INVALID', exitCode: 2 })
    expect(await readdir(home)).toEqual([])
  })
  test('is 1 where nobody gives one', async () => {
    expect(await seedOf({})).toBe('1')
  })
  test('of a lab that is up stays with it, also when its cluster is made anew; run, prove and a new start know nothing of it', async () => {
    await folderStore('recap').write(up)
    expect(await seedOf({})).toBe('12')
    expect(await seedOf({ recreate: true })).toBe('12')
    expect(await seedOf({ seed: '3' })).toBe('3')
    expect(await seedOf({ startOver: true })).toBe('1')
    expect(await seedOf({}, true)).toBe('1')
    expect(await seedOf({ lab: 'second' })).toBe('1')
  })
  test('of a lab that is up fills the texts that other commands show', async () => {
    await folderStore('recap').write(up)
    const { lab } = await openUp(context({}))
    expect(lab.texts.front?.en).toContain('http://shop:9090')
    expect(lab.texts.front?.en).not.toContain('$seed')
  })
})
