import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { forgetUnanswered, forgetUnansweredOfTrace } from './unanswered-records.ts'

const run = promisify(execFile)
const record = (sport: number, dst: string, { state = 'SYN_SENT', unreplied = true } = {}): string =>
  `tcp      6 117 ${state} src=10.244.1.5 dst=${dst} sport=${sport} dport=80 ${unreplied ? '[UNREPLIED] ' : ''}src=${dst} dst=172.28.0.3 sport=80 dport=${sport} mark=0 use=1`
const list = [record(33_000, '10.96.0.10'), record(33_002, '10.96.0.10', { state: 'ESTABLISHED', unreplied: false }), record(61_004, '10.96.0.10'), record(33_004, '10.96.0.1'), record(33_006, '10.96.0.100')].join('\n')

let folder: string
const removed = async (): Promise<string[]> => (await readFile(join(folder, 'removed'), 'utf8')).split('\n').filter(Boolean)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-conntrack-'))
  await writeFile(join(folder, 'conntrack'), `#!/bin/sh\nif [ "$1" = -D ]; then echo "$*" >> ${folder}/removed; echo deleted; exit 1; fi\ncat ${folder}/list\n`)
  await chmod(join(folder, 'conntrack'), 0o755)
  await writeFile(join(folder, 'list'), `${list}\n`)
})
beforeEach(() => writeFile(join(folder, 'removed'), ''))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the shell says; `after` shows that it goes on whatever conntrack answers. */
const said = async (script: string, shell: string): Promise<string> => (await run(shell, ['-c', `${script}; echo after`], { env: { PATH: `${folder}:${process.env['PATH']}` } })).stdout

describe.each(['sh', 'bash'])('in %s', (shell) => {
  test('requests to the targets that nobody answered are forgotten, and no others', async () => {
    expect(await said(forgetUnanswered(['10.96.0.10:80', '10.96.0.10:80', '10.96.0.20:80']), shell)).toBe('after\n')
    expect(await removed()).toEqual(['-D -p tcp -s 10.244.1.5 -d 10.96.0.10 --sport 33000 --dport 80'])
  })
  test('without targets nothing is', async () => {
    expect(await said(forgetUnanswered([]), shell)).toBe('after\n')
    expect(await removed()).toEqual([])
  })
  test('a trace forgets its own', async () => {
    expect(await said(`ports='61000|61004'; ${forgetUnansweredOfTrace}`, shell)).toBe('after\n')
    expect(await removed()).toEqual(['-D -p tcp -s 10.244.1.5 -d 10.96.0.10 --sport 61004 --dport 80'])
  })
})
