import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Diagnosis, doctor, doctorCommand, expectBad, found, read, shell } from './doctor-findings.ts'
import { bareMachine, repository } from './second-engine.ts'

const deadline = Deadline.start('doctor tests', 900_000)
beforeAll(() => useOwnEngine())
afterAll(() => deadline[Symbol.dispose]())

describe('hoplab doctor names cause, effect and a fix that cures', () => {
  test('no engine: the printed command starts one', async () => {
    await using machine = await bareMachine(deadline)
    const look = async (): Promise<Diagnosis> => read(await machine.hoplab(['doctor', '--json']))
    const fix = expectBad(await look(), 'HOP_ENGINE_UNREACHABLE')
    const cure = await machine.exec(['sh', '-c', fix])
    expect(cure.exitCode, cure.stderr).toBe(0)
    expect(found((await look()).findings, 'HOP_ENGINE_UNREACHABLE').ok).toBe(true)
  })

  test('disk nearly full: the printed command frees it', async () => {
    await using machine = await bareMachine(deadline, { diskMiB: 4_500 })
    const host = await machine.startEngine()
    const look = async (): Promise<Diagnosis> => read(await machine.hoplab(['doctor', '--json']))
    expect(found((await look()).findings, 'HOP_DISK_FULL').ok).toBe(true)
    // An image that no container uses fills the disk, as old images do.
    const build = await machine.exec(['sh', '-c', 'd=$(mktemp -d) && head -c 1500m /dev/zero > $d/ballast && tar -C $d -c ballast | docker import -; rm -rf $d'], { DOCKER_HOST: host })
    expect(build.exitCode, build.stderr).toBe(0)
    const fix = expectBad(await look(), 'HOP_DISK_FULL')
    const cure = await machine.exec(['sh', '-c', `yes | ${fix}`], { DOCKER_HOST: host })
    expect(cure.exitCode, cure.stderr).toBe(0)
    expect(found((await look()).findings, 'HOP_DISK_FULL').ok).toBe(true)
  })

  test('engine not allowed for this user: the printed command lets the user in', async () => {
    const user = `hoplab-test-${process.pid}`
    await run('useradd', ['--no-create-home', '--shell', '/bin/sh', user], { deadline })
    // Reads the repository and Node wherever they are, but has no right to write to the engine's socket.
    const asUser = (): Promise<Diagnosis> => exec('setpriv', [
      `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--inh-caps=-all,+dac_read_search', '--ambient-caps=-all,+dac_read_search', '--bounding-set=-all,+dac_read_search', ...doctorCommand,
    ], { deadline, cwd: repository, env: { USER: user, HOPLAB_HOME: join('/tmp', user) } }).then(read)
    try {
      const fix = expectBad(await asUser(), 'HOP_ENGINE_NOT_ALLOWED')
      // Bare machines have no sudo: the administrator's shell here is root already.
      await run('sh', ['-c', `sudo() { "$@"; }; ${fix}`], { deadline })
      expect(found((await asUser()).findings, 'HOP_ENGINE_UNREACHABLE').ok).toBe(true)
    } finally {
      await run('userdel', [user], { deadline })
    }
  })

  test('name clash: the printed command removes the stranger', async () => {
    await run('docker', ['network', 'create', 'hoplab-t-clash'], { deadline })
    try {
      const fix = expectBad(await doctor(deadline, '--lab', 't-clash'), 'HOP_NAME_TAKEN')
      await shell(fix, deadline)
      expect(found((await doctor(deadline, '--lab', 't-clash')).findings, 'HOP_NAME_TAKEN').ok).toBe(true)
    } finally {
      await exec('docker', ['network', 'rm', 'hoplab-t-clash'], { deadline })
    }
  })
})
