import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineFolder, engineStateFile, ownEngine, startTicksOf } from '@hoplab/images'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { hostBefore, writeState } from './state.ts'

const before = { inotify: '128', forward: '0', forwardPolicy: 'ACCEPT', bridge: false, chains: false }

describe.skipIf(process.platform !== 'linux')('what stop can put back', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hoplab-state-'))
    vi.stubEnv('HOPLAB_HOME', home)
    mkdirSync(engineFolder(), { recursive: true })
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true, force: true })
  })

  test('is known before there is a daemon, and after it died', async () => {
    expect(await hostBefore()).toBeUndefined()
    await writeState(before)
    expect([ownEngine(), await hostBefore()]).toEqual([undefined, before])
    await writeState(before, { pid: process.pid, startTicks: '1', socket: 'x' })
    expect([ownEngine(), await hostBefore()]).toEqual([undefined, before])
    await writeState(before, { pid: process.pid, startTicks: startTicksOf(process.pid) ?? '', socket: 'x' })
    expect(ownEngine()).toMatchObject({ pid: process.pid })
  })
  test('is nothing after a reboot', async () => {
    await writeState(before)
    writeFileSync(engineStateFile(), readFileSync(engineStateFile(), 'utf8').replace(/"boot": "[^"]*"/u, '"boot": "another"'))
    expect(await hostBefore()).toBeUndefined()
  })
})
