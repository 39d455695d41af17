import { access, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { exec, type ExecResult, run } from '@hoplab/core/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const packages = ['core', 'model', 'kube', 'verify'] as const
const here = import.meta.dirname
const folderOf = (name: string): string => join(here, '../..', name)
const program = (name: string): string => join(here, '../node_modules/.bin', name)
let deadline: Deadline
let project: string
let tarballs: Map<string, string>

/** A project outside this repository that has the packages as anybody would install them. */
beforeAll(async () => {
  deadline = Deadline.start('pack', 240_000)
  project = await mkdtemp(join(tmpdir(), 'hoplab-outside-'))
  // What is built from scratch has nothing in it of sources that are gone.
  for (const name of packages) await rm(join(folderOf(name), 'dist'), { recursive: true, force: true })
  await run(program('tsc'), ['-b', 'tsconfig.build.json'], { deadline, cwd: folderOf('verify') })
  for (const name of packages) await run('pnpm', ['pack', '--pack-destination', project], { deadline, cwd: folderOf(name) })
  const files = await readdir(project)
  tarballs = new Map(packages.map((name) => [name, join(project, files.find((file) => file.startsWith(`hoplab-${name}-`)) ?? 'missing')]))
  const versions = { '@types/node': await versionOf('@types/node'), typescript: await versionOf('typescript') }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'outside', private: true, type: 'module', dependencies: ownDependencies(), devDependencies: versions }))
    await writeFile(join(project, 'pnpm-workspace.yaml'), `overrides:\n${Object.entries(ownDependencies()).map(([name, version]) => `  "${name}": "${version}"\n`).join('')}`)
  await run('pnpm', ['install', '--prefer-offline', '--ignore-scripts', '--no-frozen-lockfile'], { deadline, cwd: project, env: { CI: 'true' } })
  for (const file of ['many-servers.ts', 'contract.ts', 'always-green.ts']) await copyFile(join(here, 'outside', file), join(project, file))
  await copyFile(join(here, 'outside/wrong-types.ts.txt'), join(project, 'wrong-types.ts'))
})
afterAll(async () => {
  deadline[Symbol.dispose]()
  await rm(project, { recursive: true, force: true })
})

/** Until they are published, each package comes from its tarball wherever it is named. */
const ownDependencies = (): Record<string, string> => Object.fromEntries([...tarballs].map(([name, file]) => [`@hoplab/${name}`, `file:${file}`]))
/** The version this repository is tested with. */
async function versionOf(name: string): Promise<string> {
  return (JSON.parse(await readFile(join(here, '../node_modules', name, 'package.json'), 'utf8')) as { version: string }).version
}
/** How attw found the types of one sub-path. */
interface Resolution { resolution?: { isTypeScript: boolean }; visibleProblems?: number[] }

async function manifestOf(name: string): Promise<{ exports: object; publishConfig: { exports: object } }> {
  return JSON.parse(await readFile(join(folderOf(name), 'package.json'), 'utf8')) as { exports: object; publishConfig: { exports: object } }
}
const typecheck = (file: string): Promise<ExecResult> => exec(join(project, 'node_modules/.bin/tsc'), [
  '--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,esnext.disposable,esnext.collection,esnext.iterator',
  '--types', 'node', '--allowImportingTsExtensions', '--erasableSyntaxOnly', '--verbatimModuleSyntax', file], { deadline, cwd: project })

describe('a check kind outside this repository', () => {
  test('is written against the packed types, strictly and without casts', async () => {
    expect(await typecheck('contract.ts')).toMatchObject({ stdout: '', exitCode: 0 })
  })
  test('does not compile where it uses a field it has not, or lacks the fields of every check', async () => {
    const { stdout } = await typecheck('wrong-types.ts')
    expect(stdout).toMatch(/wrong-types\.ts\(5,\d+\).*notThere/u)
    expect(stdout).toMatch(/wrong-types\.ts\(7,\d+\)/u)
  })
  test('passes the exported contract', async () => {
    const { exitCode, stdout } = await exec(process.execPath, ['--test', '--test-reporter=tap', 'contract.ts'], { deadline, cwd: project })
    expect(stdout).toMatch(/# pass 2\d\n/u)
    expect({ exitCode, failed: /# fail (\d+)/u.exec(stdout)?.[1] }).toEqual({ exitCode: 0, failed: '0' })
  })
  test('that is always green fails the exported contract, on its fault and over nothing', async () => {
    const { exitCode, stdout } = await exec(process.execPath, ['--test', '--test-reporter=tap', 'always-green.ts'], { deadline, cwd: project })
    expect(exitCode).toBe(1)
    for (const broken of ['fails on no endpoint, and says why', 'fails where there is nothing to look at']) expect(stdout).toMatch(new RegExp(`not ok \\d+ - ${broken}`, 'u'))
  })
})

describe.each(packages)('the packed %s', (name) => {
  test('is clean for publint', async () => {
    expect(await exec(program('publint'), ['run', '--strict', tarballs.get(name) ?? ''], { deadline })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('All good!') })
  })
  test('has types that resolve', async () => {
    const { exitCode, stdout } = await exec(program('attw'), [tarballs.get(name) ?? '', '--profile', 'esm-only', '--format', 'json'], { deadline })
    const { entrypoints } = (JSON.parse(stdout) as { analysis: { entrypoints: Record<string, { resolutions: Record<string, Resolution> }> } }).analysis
    const seen = Object.entries(entrypoints).flatMap(([subpath, { resolutions }]) => ['node16-esm', 'bundler'].map((how) => [
      subpath, how, resolutions[how]?.resolution?.isTypeScript, resolutions[how]?.visibleProblems ?? []]))
    const wanted = Object.keys((await manifestOf(name)).exports).flatMap((subpath) => ['node16-esm', 'bundler'].map((how) => [subpath, how, true, []]))
    expect({ exitCode, seen }).toEqual({ exitCode: 0, seen: wanted })
  })
  test('has a built file for every sub-path the sources export', async () => {
    const { exports, publishConfig } = await manifestOf(name)
    expect(Object.keys(publishConfig.exports)).toEqual(Object.keys(exports))
    for (const file of Object.values(publishConfig.exports)) await access(join(folderOf(name), file as string))
  })
})
