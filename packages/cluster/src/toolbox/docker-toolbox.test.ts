import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, Deadline, systemClock } from '@hoplab/core'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { execInContainer } from './docker-toolbox.ts'

/** A `docker` that waits in `exec` like the engine's client for a program that outlives its container, and says of the container what the file `running` says. */
const client = (folder: string): string => `#!/bin/sh
echo "$1" >> ${folder}/asked
case $1 in
  inspect) cat ${folder}/running ;;
  exec) printf '%s\\n' "$@" | sed -nE 's/.*(hoplab-end-[0-9a-f-]+) .*/\\n\\1 7/p' > ${folder}/end; if [ "$(cat ${folder}/program)" = ends ]; then cat ${folder}/end >&2; else exec sleep 120; fi ;;
esac
`
let folder: string
const asked = async (): Promise<string[]> => (await readFile(join(folder, 'asked'), 'utf8')).split('\n').filter(Boolean)
const set = (facts: Record<string, string>): Promise<unknown> => Promise.all(Object.entries(facts).map(([name, text]) => writeFile(join(folder, name), text)))
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-toolbox-'))
  await writeFile(join(folder, 'docker'), client(folder))
  await chmod(join(folder, 'docker'), 0o755)
})
beforeEach(async () => {
  await set({ asked: '', running: 'true\n', program: 'waits' })
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** Three seconds of looking are 30 milliseconds. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) }

test('a program whose container is gone is not waited for', async () => {
  await set({ running: 'false\n' })
  using deadline = Deadline.start('test', 6_000_000, { clock: hasty })
  await expect(execInContainer('c', ['hoplab-probe'], { deadline })).rejects.toMatchObject({ code: 'HOP_TOOLBOX_GONE' })
  expect(await asked()).toEqual(['exec', 'inspect'])
})

test('a program whose container runs is waited for, however often one looks', async () => {
  using deadline = Deadline.start('test', 6_000_000, { clock: hasty })
  const waiting = execInContainer('c', ['hoplab-probe'], { deadline }).catch((thrown: unknown) => thrown)
  await vi.waitFor(async () => expect((await asked()).filter((one) => one === 'inspect').length).toBeGreaterThanOrEqual(3), 20_000)
  await set({ running: 'false\n' })
  expect(await waiting).toMatchObject({ code: 'HOP_TOOLBOX_GONE' })
})

test('one that ends tells its own exit code, and nobody looks any more', async () => {
  await set({ program: 'ends' })
  using deadline = Deadline.start('test', 6_000_000, { clock: hasty })
  expect(await execInContainer('c', ['false'], { deadline })).toMatchObject({ exitCode: 7 })
  const before = (await asked()).length
  await systemClock.sleep(200)
  expect((await asked()).length).toBe(before)
})
