import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Deadline } from '@hoplab/core'
import { exec, type ExecResult } from '@hoplab/core/node'
import { which } from 'zx'

// The scripts run for real, in a folder of their own; node, npm and pnpm are small programs that log what they are asked.
let folder: string
let root: string
let bin: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-toolchain-'))
  root = join(folder, 'repository')
  bin = join(folder, 'bin')
  await Promise.all([mkdir(join(root, 'scripts'), { recursive: true }), mkdir(join(root, 'node_modules'), { recursive: true }), mkdir(bin)])
  for (const name of ['sh', 'cat', 'cmp', 'cp', 'dirname', 'ln', 'mkdir', 'mv', 'printf', 'readlink', 'rm', 'sleep']) await symlink(await which(name), join(bin, name))
  await copyFile(join(import.meta.dirname, 'toolchain.sh'), join(root, 'scripts', 'toolchain.sh'))
  await copyFile(join(import.meta.dirname, '..', 'hoplab'), join(root, 'hoplab'))
  await writeFile(join(root, 'pnpm-lock.yaml'), 'one')
})
afterEach(() => rm(folder, { recursive: true }))

async function program(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}
const log = async (): Promise<string[]> => (await readFile(join(folder, 'log'), 'utf8').catch(() => '')).split('\n').filter(Boolean)

/** npm that "installs" a node and a pnpm, slowly enough for two starts to meet. */
async function machineWithNode(version: string): Promise<void> {
  await program(join(bin, 'node'), `[ "$1" = --version ] && echo ${version} || echo "old node $*"`)
  const installed = `echo '#!/bin/sh\necho "new node $*"' >"$3/node_modules/.bin/node"; echo '#!/bin/sh\necho "pnpm $*" >>${folder}/log' >"$3/node_modules/.bin/pnpm"`
  await program(join(bin, 'npm'), `echo "npm $*" >>${folder}/log; sleep 0.3; mkdir -p "$3/node_modules/.bin"; ${installed}; ${await which('chmod')} 755 "$3"/node_modules/.bin/*`)
}

async function start(...command: string[]): Promise<ExecResult> {
  using deadline = Deadline.start('start', 280_000)
  const [name = 'sh', ...args] = command.length > 0 ? command : ['sh', join(root, 'scripts', 'toolchain.sh'), 'node', 'main.ts']
  return exec(await which(name), args, { deadline, env: { PATH: bin, HOPLAB_HOME: join(folder, 'home') } })
}

describe('the first start', () => {
  test('with an old node installs the pinned programs and the dependencies; talk is on stderr alone', async () => {
    await machineWithNode('v18.0.0')
    const first = await start()
    expect(first).toMatchObject({ exitCode: 0, stdout: 'new node main.ts\n' })
    expect(first.stderr).toContain('installing node@24.21.0 pnpm@12.21.0')
    expect(await log()).toEqual([expect.stringMatching(/^npm install .* node@24\.21\.0 pnpm@12\.21\.0$/u), 'pnpm install --frozen-lockfile --reporter=append-only'])
  })
  test('with a new node installs pnpm alone', async () => {
    await machineWithNode('v24.0.0')
    await start()
    expect((await log())[0]).toMatch(/=error pnpm@12\.21\.0$/u)
  })
  test('of two at once, one installs and both run', async () => {
    await machineWithNode('v18.0.0')
    const both = await Promise.all([start(), start()])
    expect(both.map((one) => [one.exitCode, one.stdout])).toEqual([[0, 'new node main.ts\n'], [0, 'new node main.ts\n']])
    expect(await log()).toHaveLength(2)
    expect(await readdir(join(folder, 'home/cache/toolchain'))).toEqual(['node-24.21.0-pnpm-12.21.0'])
  })
  test('takes over the lock of a process that is gone', async () => {
    await machineWithNode('v18.0.0')
    await mkdir(join(folder, 'home/cache/toolchain'), { recursive: true })
    await writeFile(join(folder, 'home/cache/toolchain/lock'), '4194303\n')
    expect(await start()).toMatchObject({ exitCode: 0 })
    expect(await readdir(join(folder, 'home/cache/toolchain'))).toEqual(['node-24.21.0-pnpm-12.21.0'])
  })
})

describe('later starts', () => {
  test('install nothing and say nothing', async () => {
    await machineWithNode('v18.0.0')
    await start()
    expect(await start()).toMatchObject({ exitCode: 0, stdout: 'new node main.ts\n', stderr: '' })
    expect(await log()).toHaveLength(2)
  })
  test('install the dependencies again when the lockfile changed', async () => {
    await machineWithNode('v18.0.0')
    await start()
    await writeFile(join(root, 'pnpm-lock.yaml'), 'two')
    await start()
    expect((await log()).filter((line) => line.startsWith('pnpm'))).toHaveLength(2)
  })
  test('give the command its own exit code and its arguments as they are', async () => {
    await machineWithNode('v18.0.0')
    await program(join(bin, 'show'), 'for one in "$@"; do echo "[$one]"; done; exit 7')
    expect(await start('sh', join(root, 'scripts', 'toolchain.sh'), 'show', 'a b', '', '$x')).toMatchObject({ exitCode: 7, stdout: '[a b]\n[]\n[$x]\n' })
  })
  test('the launcher is found through links from elsewhere', async () => {
    await machineWithNode('v18.0.0')
    await symlink('../repository/hoplab', join(folder, 'bin', 'first'))
    await symlink(join(folder, 'bin', 'first'), join(folder, 'second'))
    expect(await start('sh', join(folder, 'second'), 'labs', '--json')).toMatchObject({ stdout: `new node ${root}/packages/cli/src/main.ts labs --json\n` })
  })
})

describe('what cannot be mended ends with exit code 3 and one message', () => {
  test.each([
    ['no node', 'HOP_TOOLCHAIN_NODE', async () => {}],
    ['a node too old', 'HOP_TOOLCHAIN_NODE', () => machineWithNode('v16.20.0')],
    ['no npm', 'HOP_TOOLCHAIN_NPM', async () => { await machineWithNode('v18.0.0'); await rm(join(bin, 'npm')) }],
    ['npm that fails', 'HOP_TOOLCHAIN_INSTALL', async () => { await machineWithNode('v18.0.0'); await program(join(bin, 'npm'), 'echo no network >&2; exit 1') }],
  ])('%s: %s', async (_name, code, arrange) => {
    await arrange()
    const ended = await start()
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' })
    expect(ended.stderr).toMatch(new RegExp(`${code}: .+\\n {2}why: .+\\n {2}fix: .+\\n$`, 'u'))
    expect((await readdir(join(folder, 'home/cache/toolchain'))).filter((name) => !name.endsWith('.new'))).toEqual([])
  })
})
