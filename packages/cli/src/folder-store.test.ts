import { mkdtemp, readFile, rm, stat, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, type HopError, silent } from '@hoplab/core'
import { labFolder } from '@hoplab/core/node'
import type { SavedLab } from '@hoplab/model'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CommandContext } from './context.ts'
import { folderStore, rememberedLabs } from './folder-store.ts'
import { nameForNew, whichLab } from './which-lab.ts'

let home = ''
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'hoplab-test-')); vi.stubEnv('HOPLAB_HOME', home) })
afterEach(async () => { vi.unstubAllEnvs(); await rm(home, { recursive: true, force: true }) })

const saved = (name: string): SavedLab => ({
  schemaVersion: 1, name, lab: 'tiny', setUp: 'hash', runId: 'r', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', images: 'local', internet: false,
  seed: '1', temporary: false, handedOver: true, faults: [], steps: { mend: { answers: { who: 'a' }, hintsTaken: 1, done: false } },
})

const context = (flags: CommandContext['flags']): CommandContext => ({
  args: [], flags, deadline: Deadline.start('test', 280_000), language: 'en', json: false, look: { colour: false, unicode: false, live: false },
  reporter: { hear: silent, [Symbol.dispose]() {} }, print() {}, say() {},
})

const errorOf = (promise: Promise<unknown>): Promise<HopError> => promise.then(() => { throw new Error('no error') }, (error: unknown) => error as HopError)

describe('what is remembered', () => {
  test('comes back as it was written, readable by its owner alone', async () => {
    const store = folderStore('a')
    expect(await store.read()).toBeUndefined()
    await store.write(saved('a'))
    expect(await store.read()).toEqual(saved('a'))
    expect((await stat(join(labFolder('a'), 'progress.json'))).mode & 0o777).toBe(0o600)
  })

  test('is forgotten whole, but evidence stays', async () => {
    const store = folderStore('a')
    await store.write(saved('a'))
    await store.writeBaseline({ takenAt: 'now', objects: [], nodes: {} })
    const evidence = await store.keepEvidence({ code: 'HOP_X', exitCode: 3, what: 'w', why: 'y', fix: 'f', state: 's' })
    await store.remove()
    expect(await store.read()).toBeUndefined()
    expect(await store.readBaseline()).toBeUndefined()
    expect(JSON.parse(await readFile(join(evidence, 'error.json'), 'utf8'))).toMatchObject({ code: 'HOP_X' })
    await folderStore('b').write(saved('b'))
    await folderStore('b').remove()
    await expect(stat(labFolder('b'))).rejects.toThrow('ENOENT')
  })

  test('what was spent outlives the lab, its folder and "clean --all"', async () => {
    const store = folderStore('a')
    expect(await store.readSpent()).toEqual({ schemaVersion: 1, labs: {} })
    await store.write(saved('a'))
    await store.writeSpent({ schemaVersion: 1, labs: { tiny: { mend: { hintsTaken: 2, solved: 'all' } } } })
    await store.remove()
    await rm(labFolder('a'), { recursive: true, force: true })
    expect((await folderStore('a').readSpent()).labs).toEqual({ tiny: { mend: { hintsTaken: 2, solved: 'all' } } })
    expect(await rememberedLabs()).toEqual([])
  })

  test('a broken file is an error that names it, never a lab without progress', async () => {
    await mkdir(labFolder('a'), { recursive: true })
    const file = join(labFolder('a'), 'progress.json')
    for (const content of ['{', '{"schemaVersion":99}', '[]']) {
      await writeFile(file, content)
      const error = await errorOf(folderStore('a').read())
      expect(error.code).toBe('HOP_PROGRESS_UNREADABLE')
      expect(error.facts.what).toContain(file)
    }
  })
})

describe('which lab is meant', () => {
  test('the only one, the named one, or a question back', async () => {
    expect((await errorOf(whichLab(context({})))).code).toBe('HOP_NO_LAB_UP')
    await folderStore('a').write(saved('a'))
    expect((await whichLab(context({}))).name).toBe('a')
    await folderStore('b').write(saved('b'))
    expect(await rememberedLabs()).toEqual(['a', 'b'])
    const error = await errorOf(whichLab(context({})))
    expect([error.code, error.exitCode, error.facts.what]).toEqual(['HOP_LAB_AMBIGUOUS', 2, '2 labs are up: a, b.'])
    expect((await whichLab(context({ lab: 'b' }))).name).toBe('b')
    expect((await errorOf(whichLab(context({ lab: 'c' })))).code).toBe('HOP_NO_LAB_UP')
    expect((await errorOf(whichLab(context({ lab: '../a' })))).code).toBe('HOP_NO_LAB_UP')
  })

  test('a new one is named after the lab or --lab; a name must be able to name a Node', () => {
    expect(nameForNew(context({}), 'first-packet')).toBe('first-packet')
    expect(nameForNew(context({ lab: 'second' }), 'first-packet')).toBe('second')
    for (const lab of ['Upper', 'a b', '../x', '', 'x'.repeat(31), '-a']) expect(() => nameForNew(context({ lab }), 'first-packet')).toThrow('cannot name a lab')
  })
})
