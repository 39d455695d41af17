import { readFile, writeFile } from 'node:fs/promises'
import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { imageSet, useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { doctor, expectBad, found, shell } from './doctor-findings.ts'
import { leftovers } from './leftovers.ts'
import { typed } from './typed-command.ts'

// Apart from the other docker tests: no cluster comes up while the limit is low or an image is away.
const deadline = Deadline.start('doctor tests', 900_000)
const inotifyFile = '/proc/sys/fs/inotify/max_user_instances'
beforeAll(() => useOwnEngine())
afterAll(() => deadline[Symbol.dispose]())

describe('hoplab doctor names cause, effect and a fix that cures', () => {
  test('inotify low: the printed command raises the limit', async () => {
    const before = await readFile(inotifyFile, 'utf8')
    await writeFile(inotifyFile, '40')
    try {
      const fix = expectBad(await doctor(deadline), 'HOP_INOTIFY_LOW')
      const up = await typed(['up', 'first-packet', '--lab', 't-crowded', '--json'])
      expect(up.exitCode).toBe(3)
      expect(JSON.parse(up.stdout)).toMatchObject({ error: { code: 'HOP_INOTIFY_LOW', what: expect.stringMatching(/^\d+ of 40 inotify instances are in use; 3 nodes need 54 more\.$/u) } })
      expect(await leftovers('t-crowded')).toEqual([])
      await shell(fix, deadline)
      expect(found((await doctor(deadline)).findings, 'HOP_INOTIFY_LOW').ok).toBe(true)
    } finally {
      await writeFile(inotifyFile, before)
      // The evidence of the refusal.
      await typed(['clean', '--all', '--lab', 't-crowded'])
    }
  })

  test('image missing: the printed command builds it again', async () => {
    const { toolbox } = imageSet('local')
    // Forced: labs that are up keep running from the image without its name.
    await run('docker', ['image', 'rm', '--force', toolbox], { deadline })
    const fix = expectBad(await doctor(deadline), 'HOP_IMAGES_MISSING')
    await shell(fix, deadline)
    expect(found((await doctor(deadline)).findings, 'HOP_IMAGES_MISSING').ok).toBe(true)
  })
})
