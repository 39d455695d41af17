import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Deadline } from '@hoplab/core'
import { expect, test } from 'vitest'
import { endProcessesOf, processesOf, runVariable } from './processes.ts'

test.runIf(process.platform === 'linux')('ends the processes of a run, even stubborn ones, and no others', async () => {
  using deadline = Deadline.start('processes', 280_000)
  const start = (run: string, script: string): ReturnType<typeof spawn> => spawn('sh', ['-c', script], { env: { ...process.env, [runVariable]: run }, stdio: 'ignore' })
  const [mine, other] = [crypto.randomUUID(), crypto.randomUUID()]
  const stubborn = start(mine, 'trap "" TERM; while true; do sleep 0.1; done')
  const stranger = start(other, 'exec sleep 30')
  await Promise.all([once(stubborn, 'spawn'), once(stranger, 'spawn')])
  expect(await processesOf(new Set([mine]))).toContain(stubborn.pid)
  const ended = once(stubborn, 'exit')
  await endProcessesOf(new Set([mine]), deadline)
  await ended
  expect(await processesOf(new Set([mine]))).toEqual([])
  expect(await processesOf(new Set([other]))).toEqual([stranger.pid])
  stranger.kill('SIGKILL')
})
