import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Deadline } from '../deadline.ts'
import { run } from './exec.ts'
import { lock } from './lock.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-lock-'))
  path = join(folder, 'lab.lock')
})
afterEach(() => rm(folder, { recursive: true }))

const deadProcess = { pid: 2 ** 22 + 7, startedAt: '1', nonce: 'gone' }

describe('lock', () => {
  test('a second taker is refused with the holder named, and leaves no file', async () => {
    using deadline = Deadline.start('t', 280_000)
    const held = await lock(path, 'lab "a"', { deadline })
    await expect(lock(path, 'lab "a"', { deadline })).rejects.toMatchObject({
      code: 'HOP_LOCKED', exitCode: 3, message: `Another hoplab (process ${process.pid}) is working on lab "a".`,
    })
    expect(await readdir(folder)).toEqual(['lab.lock'])
    await held[Symbol.asyncDispose]()
    expect(await readdir(folder)).toEqual([])
  })
  test('a patient taker gets it when the holder is done', async () => {
    using deadline = Deadline.start('t', 280_000)
    const held = await lock(path, 'x', { deadline })
    setTimeout(() => { void held[Symbol.asyncDispose]() }, 50)
    await using second = await lock(path, 'x', { deadline, waitMs: 5_000 })
    expect(second).toBeDefined()
  })
  test('the lock of a dead process is taken over', async () => {
    using deadline = Deadline.start('t', 280_000)
    await writeFile(path, JSON.stringify(deadProcess))
    await using held = await lock(path, 'x', { deadline })
    expect(held).toBeDefined()
    expect(await readdir(folder)).toEqual(['lab.lock'])
  })
  test('an id that now belongs to another process does not keep the lock', async () => {
    using deadline = Deadline.start('t', 280_000)
    await writeFile(path, JSON.stringify({ pid: process.pid, startedAt: '1', nonce: 'old' }))
    await using held = await lock(path, 'x', { deadline })
    expect(held).toBeDefined()
  })
  test.each(['', '{', '[]', '{"pid":"1"}', '{"pid":-1}'])('a file that is no lock (%j) does not stand in the way', async (content) => {
    using deadline = Deadline.start('t', 280_000)
    await writeFile(path, content)
    await using held = await lock(path, 'x', { deadline })
    expect(held).toBeDefined()
  })
  test('of many processes that find a dead lock, never two hold it at once', async () => {
    using deadline = Deadline.start('t', 280_000)
    await writeFile(path, JSON.stringify(deadProcess))
    // Each appends one line on entry and one on exit to a log; entries and exits must alternate.
    const source = `
      const { appendFile } = await import('node:fs/promises')
      const { lock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))})
      const { Deadline } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'deadline.ts'))})
      for (let round = 0; round < 5; round++) {
        const held = await lock(${JSON.stringify(path)}, 'x', { deadline: Deadline.start('x', 280_000), waitMs: 280_000 })
        await appendFile(${JSON.stringify(join(folder, 'log'))}, 'in\\n')
        await new Promise((resolve) => setTimeout(resolve, 2))
        await appendFile(${JSON.stringify(join(folder, 'log'))}, 'out\\n')
        await held[Symbol.asyncDispose]()
      }`
    await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '--eval', source], { deadline })))
    const { stdout } = await run('cat', [join(folder, 'log')], { deadline })
    expect(stdout).toBe('in\nout\n'.repeat(20))
    expect(await readdir(folder)).toEqual(['log'])
  })
})
