import { watch } from 'node:fs'
import { expect, test } from 'vitest'
import { inotifyUse } from './inotify.ts'
import { shortages } from './refuse.ts'
import { roomIn } from './room.ts'

const plenty = { inotify: { limit: 512, inUse: 60 }, disk: { folder: '/data', freeGiB: 40 }, memory: { freeGiB: 8 } }

test('a machine with room, and one that tells nothing, are not refused', () => {
  expect(shortages(3, 0.25, plenty)).toEqual([])
  expect(shortages(3, 0.25, { inotify: undefined, disk: undefined, memory: undefined })).toEqual([])
})

test('inotify: refused with limit, use, need, and a command that is enough', () => {
  const [error] = shortages(3, 0.25, { ...plenty, inotify: { limit: 128, inUse: 110 } })
  expect(error?.facts).toMatchObject({ code: 'HOP_INOTIFY_LOW', exitCode: 3, what: '110 of 128 inotify instances are in use; 3 nodes need 54 more.' })
  expect(error?.facts.fix).toMatch(/sysctl -w fs\.inotify\.max_user_instances=512$/u)
  const [more] = shortages(3, 0.25, { ...plenty, inotify: { limit: 512, inUse: 500 } })
  expect(more?.facts.fix).toMatch(/=1024$/u)
})

test('disk and memory: refused with both numbers', () => {
  const errors = shortages(3, 0.25, { ...plenty, disk: { folder: '/data', freeGiB: 1 }, memory: { freeGiB: 0.2 } })
  expect(errors.map((error) => error.code)).toEqual(['HOP_DISK_FULL', 'HOP_MEMORY_LOW'])
  expect(errors[0]?.message).toContain('1.0 GiB are free under /data')
  // A CNI that takes more needs more.
  expect(shortages(3, 0.55, { ...plenty, memory: { freeGiB: 1 } })[0]?.message).toContain('the nodes need 1.7 GiB')
  expect(shortages(3, 0.25, { ...plenty, memory: { freeGiB: 1 } })).toEqual([])
})

test('room is read from the machine; a folder that is not here tells nothing', async () => {
  expect((await roomIn('/'))?.freeGiB).toBeGreaterThan(0)
  expect(await roomIn('/no/such/folder')).toBeUndefined()
})

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)('inotify instances of this process are counted', async () => {
  const before = await inotifyUse()
  const watcher = watch('/tmp')
  const during = await inotifyUse()
  watcher.close()
  // Other processes of the machine come and go; ours is there for sure.
  expect(before?.limit).toBeGreaterThan(0)
  expect(during?.inUse).toBeGreaterThan(0)
})
