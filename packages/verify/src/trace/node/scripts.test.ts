import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginScript, finishScript } from './scripts.ts'

const mark = 62_001
const id = `test-${process.pid}`
const kept = `/tmp/hoplab-trace-${id}`
const seconds = 60
let programs: string

beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'hoplab-programs-'))
  // A connection that nobody answers, as where a rule drops what arrives on the loopback: the kernel gives up after two minutes.
  const said: Record<string, string> = { bash: `exec sleep ${seconds}`, tcpdump: 'echo tcpdump: listening >&2', conntrack: '', nft: '', ip: '', 'iptables-save': '' }
  for (const [name, does] of Object.entries(said)) {
    await writeFile(join(programs, name), `#!/bin/sh\n${does}\n`)
    await chmod(join(programs, name), 0o755)
  }
})
afterAll(() => Promise.all([programs, kept].map((folder) => rm(folder, { recursive: true, force: true }))))

/** Milliseconds that a script takes until its end. */
function lasting(script: string, args: readonly string[]): Promise<number> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    // bash reads its startup files where standard input is a socket, as Node makes it.
    execFile('/bin/bash', ['--norc', '-c', script, 'hoplab-trace', ...args], { env: { PATH: `${programs}:${process.env['PATH']}` } }, (error, stdout) => {
      if (error || !stdout.endsWith(`end ${args[0]}\n`)) reject(error ?? new Error(stdout))
      else resolve(performance.now() - started)
    })
  })
}

test('captures begin and end though nobody answers the control packets', async () => {
  const begun = await lasting(beginScript, [id, '1', 'tcp', String(mark), '512', '2048', '4000', 'node'])
  await mkdir(kept, { recursive: true })
  await writeFile(join(kept, 'node.pcap'), Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, 0, 0, mark >> 8, mark & 255))
  await writeFile(join(kept, 'node.said'), '0 packets dropped by kernel')
  const ended = await lasting(finishScript, [id, String(mark), '62000', 'node'])
  expect(Math.max(begun, ended)).toBeLessThan(seconds * 500)
})
