import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { engineFolder, engineStateFile, startTicksOf, useOwnEngine } from './engine-socket.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hoplab-engine-state-'))
  vi.stubEnv('HOPLAB_HOME', home)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})

/** What a new process would have in DOCKER_HOST, when the state file says this. */
function chosen(state: object | undefined, env: NodeJS.ProcessEnv = {}): string | undefined {
  mkdirSync(engineFolder(), { recursive: true })
  if (state) writeFileSync(engineStateFile(), JSON.stringify(state))
  useOwnEngine(env)
  return env.DOCKER_HOST
}

const living = { pid: process.pid, startTicks: startTicksOf(process.pid), socket: '/run/x.sock' }

test.skipIf(living.startTicks === undefined)('our living engine is used, whatever lies at the ordinary socket', () => {
  expect(chosen(living)).toBe('unix:///run/x.sock')
})
test('the engine that the user chose stays chosen', () => {
  expect(chosen(living, { DOCKER_HOST: 'tcp://a:1' })).toBe('tcp://a:1')
  expect(chosen(living, { DOCKER_CONTEXT: 'b' })).toBeUndefined()
})
test('an engine that ended, or was never started, is not used', () => {
  expect(chosen(undefined)).toBeUndefined()
  expect(chosen({ ...living, startTicks: '1' })).toBeUndefined()
  expect(chosen({ before: {} })).toBeUndefined()
})
