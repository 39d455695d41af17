import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildFolder } from '../src/build/step.ts'
import { buildImages, useOwnEngine } from '../src/index.ts'

const before = process.env.HOPLAB_HOME
let home: string
beforeAll(async () => {
  useOwnEngine()
  home = process.env.HOPLAB_HOME = await mkdtemp(join(tmpdir(), 'hoplab-resume-'))
})
afterAll(async () => {
  if (before === undefined) delete process.env.HOPLAB_HOME
  else process.env.HOPLAB_HOME = before
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
})

const names = (): Promise<string[]> => readdir(buildFolder()).catch(() => [])

test('killed in the middle of a compile, the build goes on where it stopped and uses nothing half-made', async () => {
  // The compiler's own folder is left when it is killed; this one goes with the test.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'build-steps.ts'), 'flannel-cni-plugin-binary', 'etcd-binary'], { stdio: 'ignore', env: { ...process.env, TMPDIR: home } })
  await expect.poll(names, { timeout: 120_000, interval: 5 }).toContainEqual(expect.stringMatching(/^(?:etcd|flannel-cni-plugin)-binary-\w+\.making-/u))
  child.kill('SIGKILL')
  await once(child, 'exit')
  const finished = (await names()).filter((name) => /-binary-\w+$/u.test(name))
  expect(finished.length).toBeLessThan(2)

  using deadline = Deadline.start('resume', 300_000)
  const outcomes = await buildImages({ deadline, only: ['flannel-cni-plugin-binary', 'etcd-binary'] })
  expect(outcomes.filter((step) => !step.made)).toHaveLength(finished.length)
  expect((await names()).filter((name) => name.includes('.making-'))).toEqual([])
  const etcd = (await names()).find((name) => name.startsWith('etcd-binary-')) ?? ''
  await access(join(buildFolder(), etcd, 'etcd'))
  expect((await run(join(buildFolder(), etcd, 'etcd'), ['--version'], { deadline })).stdout).toContain('etcd Version: 3.6.4')
})
