import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checked, ensureKind } from './ensure-kind.ts'
import { versions } from './versions.ts'

const before = { PATH: process.env.PATH, HOPLAB_HOME: process.env.HOPLAB_HOME }
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoplab-kind-'))
  Object.assign(process.env, { PATH: folder, HOPLAB_HOME: folder })
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  for (const [name, value] of Object.entries(before)) if (value === undefined) delete process.env[name]; else process.env[name] = value
})

/** Puts a program on the PATH of the test. */
const program = (name: string, script: string): void => writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
const find = async (): Promise<unknown> => {
  using deadline = Deadline.start('test', 280_000)
  return ensureKind(deadline, { env: { CI: 'true' } }).catch((error: unknown) => error)
}

describe('ensureKind', () => {
  test('takes the one on the PATH when it is of the pinned version', async () => {
    program('kind', `echo kind ${versions.kind.version} go1.26 linux/amd64`)
    expect(await find()).toBe('kind')
  })
  test('another version is not used; Go makes the pinned one, once', async () => {
    program('kind', 'echo kind v0.1.0 go1.26 linux/amd64')
    program('go', '/bin/echo "$@" >> "$GOBIN/../asked" && /bin/cp /bin/true "$GOBIN/kind"')
    const path = await find()
    expect(path).toBe(join(folder, 'cache', 'bin', `kind-${versions.kind.version}`))
    rmSync(join(folder, 'go'))
    expect(await find()).toBe(path)
  })
  test('neither kind nor Go: says so and what to do', async () => {
    expect(await find()).toMatchObject({ code: 'HOP_KIND_MISSING', exitCode: 3, facts: { why: expect.stringContaining('"go" was not found') } })
  })
  test('bytes that are not the pinned ones are refused', () => {
    expect(() => checked(new Uint8Array([1]), versions.kind.sha256['linux-amd64'], 'x')).toThrow('checksum')
    expect(() => checked(new Uint8Array([1]), undefined, 'x')).toThrow('none for this platform')
  })
})
