import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statInRoot } from './file.ts'

let root: string
beforeAll(() => {
  root = join(mkdtempSync(join(tmpdir(), 'hoplab-file-')), 'root')
  for (const folder of ['tmp', 'notes', 'facts/..2026', 'notes/deep']) mkdirSync(join(root, folder), { recursive: true })
  for (const file of ['tmp/today', 'notes/own', 'facts/..2026/name', '../outside']) writeFileSync(join(root, file), file)
  symlinkSync('/tmp/today', join(root, 'notes/absolute'))
  symlinkSync('..2026', join(root, 'facts/..data'))
  symlinkSync('..data/name', join(root, 'facts/name'))
  symlinkSync('../../../../outside', join(root, 'notes/deep/escaping'))
  symlinkSync('/notes', join(root, 'tmp/folder'))
  symlinkSync('loop', join(root, 'notes/loop'))
})
afterAll(() => rmSync(join(root, '..'), { recursive: true, force: true }))

/** Inode of what the script finds at the path; undefined when it finds nothing and ends with 1. */
function inodeAt(path: string): number | undefined {
  const { status, stdout } = spawnSync('sh', ['-c', statInRoot, 'stat-in-root', root, path], { encoding: 'utf8' })
  const [first, second] = stdout.trim().split('\n')
  expect([status, first]).toEqual([second === undefined ? 1 : 0, expect.stringMatching(/^\d+:\d+ /u)])
  return second === undefined ? undefined : Number(/^\d+:(\d+) /u.exec(second)?.[1])
}
const inodeOf = (path: string): number => statSync(join(root, path)).ino

test.each([
  ['/notes/own', 'notes/own'], ['/', '.'], ['/notes/absolute', 'tmp/today'], ['/facts/name', 'facts/..2026/name'], ['/tmp/folder/own', 'notes/own'], ['/notes//./own', 'notes/own'],
])('%s is %s of the root', (path, file) => { expect(inodeAt(path)).toBe(inodeOf(file)) })

test.each(['/notes/missing', '/notes/deep/escaping', '/notes/own/under', '/notes/loop'])('%s is nothing', (path) => { expect(inodeAt(path)).toBeUndefined() })
