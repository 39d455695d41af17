import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cappedRuntime, missingCapabilities } from './daemon-config.ts'

test('what no process may have is read from the bounding set', () => {
  expect(missingCapabilities('CapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n')).toEqual(['CAP_SYS_RESOURCE'])
  expect(missingCapabilities('CapBnd:\t000001ffffffffff\n')).toEqual([])
})

describe('the runtime of such a machine', () => {
  let folder: string
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'hoplab-runtime-')) })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const spec = { process: { capabilities: {
    bounding: ['CAP_CHOWN', 'CAP_SYS_RESOURCE', 'CAP_SYSLOG'], effective: ['CAP_SYS_RESOURCE', 'CAP_CHOWN'], permitted: ['CAP_CHOWN', 'CAP_SYS_RESOURCE'], ambient: ['CAP_SYS_RESOURCE'],
  } } }
  const capped = { bounding: ['CAP_CHOWN', 'CAP_SYSLOG'], effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'], ambient: [] }

  function start(file: string, ...args: string[]): { said: string; spec: typeof spec } {
    writeFileSync(join(folder, file), JSON.stringify(spec))
    const runtime = join(folder, 'runtime')
    writeFileSync(runtime, cappedRuntime(['CAP_SYS_RESOURCE'], '/bin/echo'), { mode: 0o755 })
    return { said: execFileSync(runtime, args, { encoding: 'utf8' }), spec: JSON.parse(readFileSync(join(folder, file), 'utf8')) as typeof spec }
  }

  test('takes them out of a new container and hands everything on to runc', () => {
    const { said, spec: now } = start('config.json', '--root', '/run', 'create', '--bundle', folder, 'a b')
    expect(now.process.capabilities).toEqual(capped)
    expect(said).toBe(`--root /run create --bundle ${folder} a b\n`)
  })
  test('takes them out of a process that joins a container', () => {
    expect(start('process.json', 'exec', '--process', join(folder, 'process.json'), 'c').spec.process.capabilities).toEqual(capped)
  })
  test('leaves other commands alone', () => {
    expect(start('config.json', 'kill', 'c', '9')).toMatchObject({ said: 'kill c 9\n', spec })
  })
})
