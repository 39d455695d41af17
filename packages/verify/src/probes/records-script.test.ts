import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { probeThenRecords } from './records-script.ts'

const record = (protocol: string, sport: number, to = '10.96.0.10'): string => `${protocol} 6 117 TIME_WAIT src=10.244.1.5 dst=${to} sport=${sport} dport=80 src=10.244.2.9 dst=10.244.1.5 sport=8080 dport=${sport} mark=0 use=1\n`
const said = '{"id":"0","connections":[{"local":"10.244.1.5:33000","echo":{"echo":1,"pod":"a","local":"10.244.2.9:33002"}},{"sentFrom":"10.244.1.5:3300"},{"local":""}]}\n{"end":"n","count":1}\n'

let folder: string
const program = async (name: string, script: string): Promise<void> => {
  await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, 'bin', name), 0o755)
}
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'hoplab-records-')) })
beforeEach(async () => {
  await rm(folder, { recursive: true, force: true })
  for (const name of ['bin', 'tmp', 'lists']) await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, 'lists/tcp'), [33_000, 3_300, 33_001, 33_002].map((port) => record('tcp', port)).join(''))
  await writeFile(join(folder, 'lists/udp'), record('udp', 3_300) + record('udp', 4_000) + record('udp', 4_001, '10.96.0.101') + record('udp', 3_300, '10.96.0.10'))
  await writeFile(join(folder, 'lists/said'), said)
  await program('hoplab-probe', `cat ${folder}/lists/said`)
  await program('conntrack', `cat ${folder}/lists/$3; echo noise >&2`)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...flows: string[]): Promise<{ stdout: string; code: number }> => new Promise((resolve) => {
  const [shell = '', ...args] = probeThenRecords(flows)
  execFile(shell, args, { env: { PATH: `${folder}/bin:${process.env['PATH']}`, TMPDIR: join(folder, 'tmp') } }, (error, stdout) => resolve({ stdout, code: error ? Number(error.code) : 0 }))
})

test('the records of the connections that were made come whole, and no others', async () => {
  expect(await run()).toEqual({ code: 0, stdout: `${said}${record('tcp', 33_000)}${record('tcp', 3_300)}records-end\n` })
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
})
test('of the place of a flow every record comes, whoever the client was', async () => {
  const { stdout } = await run('10.96.0.10:80')
  expect(stdout.split('\n').filter((line) => line.startsWith('udp')).map((line) => /dst=(\S+) sport=(\d+)/u.exec(line)?.slice(1).join(' '))).toEqual(['10.96.0.10 3300', '10.96.0.10 4000', '10.96.0.10 3300'])
})
test('what is no address is no part of the program', () => { expect(probeThenRecords(["10.96.0.1:80'; touch /x; '", '10.96.0.1:80']).join('\n')).not.toContain('touch') })
test('where nothing was connected there is no record, and the list ends all the same', async () => {
  await writeFile(join(folder, 'lists/said'), '{"end":"n","count":0}\n')
  expect(await run('10.96.9.9:80')).toEqual({ code: 0, stdout: '{"end":"n","count":0}\nrecords-end\n' })
})
test.each([['hoplab-probe', 'exit 2'], ['hoplab-probe', 'echo half; kill -9 $$'], ['conntrack', 'exit 1'], ['grep', 'exit 2'], ['mktemp', 'exit 1']])('without %s (%s) it fails, and the list has no end', async (name, does) => {
  await program(name, does)
  const { stdout, code } = await run()
  expect(code).not.toBe(0)
  expect(stdout).not.toContain('records-end')
  expect(await readdir(join(folder, 'tmp'))).toEqual([])
})
