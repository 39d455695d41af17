import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { useOwnEngine } from '@hoplab/images'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { bareMachine, repository } from './second-engine.ts'
import { typed } from './typed-command.ts'

interface Finding { code: string; ok: boolean; what: string; effect: string; fix: string }

const deadline = Deadline.start('doctor tests', 900_000)
const inotifyFile = '/proc/sys/fs/inotify/max_user_instances'
const doctorCommand = [process.execPath, join(repository, 'packages/cli/src/main.ts'), 'doctor', '--json']

beforeAll(() => useOwnEngine())
afterAll(() => deadline[Symbol.dispose]())

/** Findings of `hoplab doctor --json`, and its exit code. */
function read(result: { stdout: string; exitCode: number }): { findings: Finding[]; exitCode: number } {
  return { findings: (JSON.parse(result.stdout) as { findings: Finding[] }).findings, exitCode: result.exitCode }
}

async function doctor(...args: string[]): Promise<{ findings: Finding[]; exitCode: number }> {
  const [program = '', ...rest] = doctorCommand
  return read(await exec(program, [...rest, ...args], { deadline, cwd: repository }))
}

const found = (findings: readonly Finding[], code: string): Finding => {
  const finding = findings.find((one) => one.code === code)
  expect(finding, `a finding ${code} among ${findings.map((one) => one.code).join(', ')}`).toBeDefined()
  return finding as Finding
}

/** The command that a fix tells to type: the first one in double quotes, or all of it. */
const commandIn = (fix: string): string => /"((?:docker|sudo|\.\/hoplab|sysctl|sh) [^"]*)"/u.exec(fix)?.[1] ?? fix

const shell = (command: string): Promise<unknown> => run('sh', ['-c', command], { deadline, cwd: repository })

/** A problem is told with cause, effect and fix, and exits with 3. */
function expectBad({ findings, exitCode }: { findings: Finding[]; exitCode: number }, code: string): string {
  const finding = found(findings, code)
  expect(finding.ok).toBe(false)
  expect(finding.what).not.toBe('')
  expect(finding.effect).not.toBe('')
  expect(exitCode).toBe(3)
  return commandIn(finding.fix)
}

describe('hoplab doctor names cause, effect and a fix that cures', () => {
  test('no engine: the printed command starts one', async () => {
    await using machine = await bareMachine(deadline)
    const look = async (): Promise<{ findings: Finding[]; exitCode: number }> => read(await machine.hoplab(['doctor', '--json']))
    const fix = expectBad(await look(), 'HOP_ENGINE_UNREACHABLE')
    const cure = await machine.exec(['sh', '-c', fix])
    expect(cure.exitCode, cure.stderr).toBe(0)
    expect(found((await look()).findings, 'HOP_ENGINE_UNREACHABLE').ok).toBe(true)
  })

  test('disk nearly full: the printed command frees it', async () => {
    await using machine = await bareMachine(deadline, { diskMiB: 4_500 })
    const host = await machine.startEngine()
    const look = async (): Promise<{ findings: Finding[]; exitCode: number }> => read(await machine.hoplab(['doctor', '--json']))
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
    const asUser = (): Promise<{ findings: Finding[]; exitCode: number }> => exec('setpriv', [
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

  test('inotify low: the printed command raises the limit', async () => {
    const before = await readFile(inotifyFile, 'utf8')
    await writeFile(inotifyFile, '40')
    try {
      const fix = expectBad(await doctor(), 'HOP_INOTIFY_LOW')
      const up = await typed(['up', 'first-packet', '--lab', 't-crowded', '--json'])
      expect(up.exitCode).toBe(3)
      expect(JSON.parse(up.stdout)).toMatchObject({ error: { code: 'HOP_INOTIFY_LOW', what: expect.stringMatching(/^\d+ of 40 inotify instances are in use; 3 nodes need 54 more\.$/u) } })
      expect(await leftovers('t-crowded')).toEqual([])
      await shell(fix)
      expect(found((await doctor()).findings, 'HOP_INOTIFY_LOW').ok).toBe(true)
    } finally {
      await writeFile(inotifyFile, before)
    }
  })

  test('name clash: the printed command removes the stranger', async () => {
    await run('docker', ['network', 'create', 'hoplab-t-clash'], { deadline })
    try {
      const fix = expectBad(await doctor('--lab', 't-clash'), 'HOP_NAME_TAKEN')
      await shell(fix)
      expect(found((await doctor('--lab', 't-clash')).findings, 'HOP_NAME_TAKEN').ok).toBe(true)
    } finally {
      await exec('docker', ['network', 'rm', 'hoplab-t-clash'], { deadline })
    }
  })

  test('image missing: the printed command builds it again', async () => {
    const { imageSet } = await import('@hoplab/images')
    const { toolbox } = imageSet('local')
    // Forced: labs that are up keep running from the image without its name.
    await run('docker', ['image', 'rm', '--force', toolbox], { deadline })
    const fix = expectBad(await doctor(), 'HOP_IMAGES_MISSING')
    await shell(fix)
    expect(found((await doctor()).findings, 'HOP_IMAGES_MISSING').ok).toBe(true)
  })
})
