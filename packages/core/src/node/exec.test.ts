import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Deadline, HOP_INTERRUPTED } from '../deadline.ts'
import { exec, run } from './exec.ts'

const isAlive = (pid: number): boolean => {
  try { process.kill(pid, 0) } catch { return false }
  return true
}
/** Alive and not a zombie that waits for its parent. */
async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return isAlive(pid) && !/\) Z /u.test(status)
}

describe('exec', () => {
  test('returns output and exit code, whatever it is', async () => {
    using deadline = Deadline.start('t', 280_000)
    const result = await exec('sh', ['-c', 'printf out; printf err >&2; exit 7'], { deadline })
    expect(result).toMatchObject({ command: 'sh -c printf out; printf err >&2; exit 7', exitCode: 7, stdout: 'out', stderr: 'err' })
  })
  test('arguments reach the program as they are, no shell in between', async () => {
    using deadline = Deadline.start('t', 280_000)
    const hostile = ['$(id)', '; exit 9', "'", '"', 'a b', '*']
    const { stdout } = await exec('printf', ['%s\n', ...hostile], { deadline })
    expect(stdout).toBe(hostile.map((one) => `${one}\n`).join(''))
  })
  test('gives input, environment and folder', async () => {
    using deadline = Deadline.start('t', 280_000)
    const { stdout } = await exec('sh', ['-c', 'cat; printf %s "$HOPLAB_X"; pwd'], { deadline, input: 'in ', env: { HOPLAB_X: 'x ' }, cwd: '/' })
    expect(stdout).toBe('in x /\n')
  })
  test('without input the program reads an end at once', async () => {
    using deadline = Deadline.start('t', 280_000)
    expect((await exec('cat', [], { deadline })).stdout).toBe('')
  })
  test('tells every line before it returns', async () => {
    using deadline = Deadline.start('t', 280_000)
    const lines: string[] = []
    await exec('sh', ['-c', 'seq 1 500'], { deadline, onLine: (line) => lines.push(line) })
    expect(lines).toEqual(Array.from({ length: 500 }, (_, index) => String(index + 1)))
  })
  test('a missing program, a missing folder and a folder are told apart', async () => {
    using deadline = Deadline.start('t', 280_000)
    await expect(exec('hoplab-no-such-program', [], { deadline })).rejects.toMatchObject({ code: 'HOP_PROGRAM_MISSING' })
    await expect(exec('true', [], { deadline, cwd: '/no/such/folder' })).rejects.toMatchObject({
      code: 'HOP_PROGRAM_NOT_STARTED', facts: { why: 'The folder /no/such/folder does not exist.' },
    })
    await expect(exec('/', [], { deadline })).rejects.toMatchObject({ code: 'HOP_PROGRAM_NOT_STARTED' })
  })
  test('an answer past the limit is an error, never a cut answer', async () => {
    using deadline = Deadline.start('t', 280_000)
    await expect(exec('seq', ['1', '100000'], { deadline, maxBuffer: 1_000 })).rejects.toMatchObject({ code: 'HOP_PROGRAM_OUTPUT_TOO_LONG' })
  })
  test('a program ended by a signal has exit code -1', async () => {
    using deadline = Deadline.start('t', 280_000)
    expect((await exec('sh', ['-c', 'kill -9 $$'], { deadline })).exitCode).toBe(-1)
  })
  test('nothing is started once the bound is over', async () => {
    const user = AbortSignal.abort(HOP_INTERRUPTED())
    using deadline = Deadline.start('t', 280_000, { signal: user })
    await expect(exec('hoplab-no-such-program', [], { deadline })).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
  })
})

describe('an abort', () => {
  test('ends the program with everything it started and throws the reason', async () => {
    const user = new AbortController()
    using deadline = Deadline.start('t', 280_000, { signal: user.signal })
    const pids: number[] = []
    const running = exec('sh', ['-c', 'sleep 60 & echo $!; echo $$; wait'], {
      deadline,
      onLine: (line) => { if (pids.push(Number(line)) === 2) user.abort(HOP_INTERRUPTED()) },
    })
    await expect(running).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
    expect(pids).toHaveLength(2)
    for (const pid of pids) expect(await runs(pid)).toBe(false)
  })
  test('a program gets time to clean up after itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hoplab-exec-'))
    const user = new AbortController()
    using deadline = Deadline.start('t', 280_000, { signal: user.signal })
    const script = `trap 'sleep 0.2; echo cleaned > ${folder}/done; exit 0' TERM; echo ready; while :; do sleep 0.05; done`
    await expect(exec('sh', ['-c', script], { deadline, onLine: () => user.abort(HOP_INTERRUPTED()) })).rejects.toMatchObject({ exitCode: 130 })
    expect(await readFile(join(folder, 'done'), 'utf8')).toBe('cleaned\n')
    await rm(folder, { recursive: true })
  })
  test('an expired bound names itself', async () => {
    using deadline = Deadline.start('pull', 100)
    await expect(exec('sleep', ['60'], { deadline })).rejects.toMatchObject({ message: '"pull" did not finish within 0 s.' })
  })
  test('when our process exits first, the program is ended', async () => {
    using deadline = Deadline.start('t', 280_000)
    const source = `
      const { exec } = await import(${JSON.stringify(join(import.meta.dirname, 'exec.ts'))})
      const { Deadline } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'deadline.ts'))})
      exec('sh', ['-c', 'echo $$; exec sleep 60'], { deadline: Deadline.start('x', 280_000), onLine: (pid) => { process.stdout.write(pid); process.exit(0) } })`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], { deadline })
    expect(Number(stdout)).toBeGreaterThan(1)
    await wait(200)
    expect(await runs(Number(stdout))).toBe(false)
  })
})

describe('run', () => {
  test('throws with the end of what the program said', async () => {
    using deadline = Deadline.start('t', 280_000)
    await expect(run('sh', ['-c', 'echo talk; echo "no space left" >&2; exit 4'], { deadline })).rejects.toMatchObject({
      code: 'HOP_PROGRAM_FAILED', facts: { why: 'no space left' }, message: expect.stringContaining('exit code 4'),
    })
  })
})
