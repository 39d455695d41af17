import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { writeWhole } from './files.ts'
import { cacheFolder, labFolder, stateFolder } from './folders.ts'

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'hoplab-files-')) })
afterEach(() => rm(folder, { recursive: true }))

describe('writeWhole', () => {
  test('makes the folder, keeps the file private and leaves nothing beside it', async () => {
    const path = join(folder, 'a', 'progress.json')
    await writeWhole(path, 'one')
    await writeWhole(path, 'two')
    expect(await readFile(path, 'utf8')).toBe('two')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'a'))).toEqual(['progress.json'])
  })
  test('a write that cannot end leaves the old content and no rest', async () => {
    await writeWhole(join(folder, 'target', 'inside'), 'x')
    await expect(writeWhole(join(folder, 'target'), 'y')).rejects.toMatchObject({ code: 'EISDIR' })
    expect(await readdir(folder)).toEqual(['target'])
  })
  test('many at once: a reader sees one of them whole', async () => {
    const path = join(folder, 'f')
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
    await Promise.all(texts.map((text) => writeWhole(path, text)))
    expect(texts).toContain(await readFile(path, 'utf8'))
  })
})

describe('folders', () => {
  afterEach(() => { vi.unstubAllEnvs() })
  const set = (home: string, cache: string, state: string): void => {
    vi.stubEnv('HOME', '/home/ana')
    vi.stubEnv('HOPLAB_HOME', home)
    vi.stubEnv('XDG_CACHE_HOME', cache)
    vi.stubEnv('XDG_STATE_HOME', state)
  }
  test('default to the home folder', () => {
    set('', '', '')
    expect([cacheFolder(), stateFolder()]).toEqual(['/home/ana/.cache/hoplab', '/home/ana/.local/state/hoplab'])
  })
  test('follow XDG, but not a relative path', () => {
    set('', '/c', 'relative')
    expect([cacheFolder(), stateFolder()]).toEqual(['/c/hoplab', '/home/ana/.local/state/hoplab'])
  })
  test('HOPLAB_HOME comes first and is made absolute', () => {
    set('/h', '/c', '/s')
    expect([cacheFolder(), stateFolder(), labFolder('one')]).toEqual(['/h/cache', '/h/state', '/h/state/labs/one'])
    set('h', '', '')
    expect(cacheFolder()).toBe(join(process.cwd(), 'h/cache'))
  })
})
