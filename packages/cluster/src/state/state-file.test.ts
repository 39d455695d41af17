import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labFolder } from '@hoplab/core/node'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { removeState } from './state-file.ts'

let home = ''
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'hoplab-state-')); vi.stubEnv('HOPLAB_HOME', home) })
afterEach(async () => { vi.unstubAllEnvs(); await rm(home, { recursive: true }) })

const folderWith = async (...files: string[]): Promise<string> => {
  await mkdir(join(labFolder('a'), 'evidence'), { recursive: true })
  for (const file of files) await writeFile(join(labFolder('a'), file), '')
  return labFolder('a')
}

test('what describes the cluster goes, and a folder with nothing else in it', async () => {
  const folder = await folderWith('cluster.json', 'kubeconfig', 'cluster.json.7.x.new')
  expect((await removeState('a')).sort()).toEqual(['cluster.json', 'cluster.json.7.x.new', 'kubeconfig'].map((name) => join(folder, name)))
  expect(existsSync(folder)).toBe(false)
})

test('a folder that a failed attempt left empty goes too', async () => {
  const folder = await folderWith()
  expect(await removeState('a')).toEqual([])
  expect(existsSync(folder)).toBe(false)
})

test('evidence and progress stay', async () => {
  const folder = await folderWith('cluster.json', 'evidence/error.json', 'progress.json')
  await removeState('a')
  expect([existsSync(join(folder, 'evidence/error.json')), existsSync(join(folder, 'progress.json')), existsSync(join(folder, 'cluster.json'))]).toEqual([true, true, false])
})
