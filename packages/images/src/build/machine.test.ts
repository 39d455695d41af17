import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeEngine } from '../testing/fake-engine.ts'
import { buildImages } from './build-images.ts'
import { type Machine, thisMachine } from './machine.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hoplab-machine-'))
  vi.stubEnv('HOPLAB_HOME', home)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

const able: Machine = { isRoot: true, has: async () => true, freeBytes: async () => 2 ** 40 }
async function refusal(machine: Partial<Machine>, only: string[]): Promise<unknown> {
  using deadline = Deadline.start('test', 280_000)
  return buildImages({ deadline, engine: new FakeEngine(), only, machine: { ...able, ...machine } }).then(() => 'built', (error: unknown) => error)
}

describe('before the first step', () => {
  test('a missing program is named with the step that needs it and how to get it', async () => {
    expect(await refusal({ has: async (program) => program !== 'gcc' }, ['flannel-binary'])).toMatchObject({
      code: 'HOP_IMAGES_TOOL_MISSING', facts: { what: 'Building "flannel-binary" needs gcc, which is not here.', fix: 'Run "sudo apt-get install gcc libc6-dev", then "./hoplab images build".' },
    })
    expect(await refusal({ has: async (program) => program !== 'debootstrap' }, ['debian'])).toMatchObject({ code: 'HOP_IMAGES_TOOL_MISSING' })
  })
  test('root is asked for where debootstrap is', async () => {
    expect(await refusal({ isRoot: false }, ['debian'])).toMatchObject({ code: 'HOP_IMAGES_NEED_ROOT', exitCode: 3 })
  })
  test('a disk that is too small is told in numbers', async () => {
    const error = await refusal({ freeBytes: async () => 3.5 * 2 ** 30 }, ['debian'])
    expect(error).toMatchObject({ code: 'HOP_IMAGES_DISK_LOW', message: `3.5 GiB are free under ${join(home, 'cache', 'images')}; building needs 4 GiB.` })
  })
  test('the machine itself: what is on the PATH and what is not', async () => {
    using deadline = Deadline.start('test', 280_000)
    const machine = thisMachine(deadline)
    expect(await machine.has('node')).toBe(true)
    expect(await machine.has('hoplab-no-such-program')).toBe(false)
    expect(await machine.freeBytes(home)).toBeGreaterThan(0)
  })
})

const hasGo = await thisMachine(Deadline.start('go', 280_000)).has('go')
test.skipIf(!hasGo)('a Go module that cannot be had is named', async () => {
  vi.stubEnv('GOPROXY', 'off')
  vi.stubEnv('GOMODCACHE', join(home, 'modules'))
  expect(await refusal({}, ['flannel-cni-plugin-binary'])).toMatchObject({
    code: 'HOP_IMAGES_MODULE_MISSING', message: expect.stringMatching(/^The Go module github\.com\/[\w./-]+@v[\w.+-]+ cannot be had\.$/u),
  })
})
