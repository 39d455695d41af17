import { readdir } from 'node:fs/promises'
import { Deadline, poll } from '@hoplab/core'
import { run } from '@hoplab/core/node'
import { labResult } from '@hoplab/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leftovers } from './leftovers.ts'
import { typed, type Typed } from './typed-command.ts'

const lab = 't-learner'
/** Types a command in the lab; every command is a process of its own, as from another terminal. */
const hoplab = (...args: string[]): Promise<Typed> => typed(args, { env: { HOPLAB_LAB: lab } })

async function json(...args: string[]): Promise<Record<string, unknown> & { exitCode: number }> {
  const { stdout, exitCode, stderr } = await hoplab(...args, '--json')
  expect(stdout, stderr).not.toBe('')
  return { ...JSON.parse(stdout) as Record<string, unknown>, exitCode }
}

const check = async (...args: string[]): Promise<ReturnType<typeof labResult.parse>> => labResult.parse(JSON.parse((await hoplab('check', ...args, '--json')).stdout))

beforeAll(async () => { await hoplab('clean', '--all') })
afterAll(async () => { await hoplab('clean', '--all') })

test('up makes the lab and tells how long each phase took', async () => {
  const up = await json('up', 'first-packet', '--timings', '--start-over')
  expect(up).toMatchObject({ exitCode: 0, reused: false, name: lab })
  expect((up.timings as { phase: string }[]).map((one) => one.phase)).toEqual(expect.arrayContaining(['network', 'nodes', 'ready', 'lab', 'baseline']))
})

test('a second up finds the lab as it is; other settings are refused with the difference', async () => {
  expect(await json('up', 'first-packet')).toMatchObject({ exitCode: 0, reused: true })
  const other = await json('up', 'first-packet', '--proxy-mode', 'nftables')
  expect(other).toMatchObject({ exitCode: 2, error: { code: 'HOP_CLUSTER_DIFFERS', why: expect.stringContaining('nftables') } })
  expect(await json('run', 'first-packet')).toMatchObject({ exitCode: 2, error: { code: 'HOP_LAB_ALREADY_UP' } })
})

test('status, steps and next tell where one is', async () => {
  expect(await json('status')).toMatchObject({ labs: expect.arrayContaining([expect.objectContaining({ name: lab, lab: 'first-packet', state: 'up', cni: 'flannel' })]) })
  expect((await json('steps')).steps).toHaveLength(3)
  expect((await hoplab('next')).stdout).toContain('Make the Service answer')
  expect((await hoplab('next', '--lang', 'hi-Latn')).stdout).not.toContain('Make the Service answer')
})

test('kubectl and shells work in the lab and pass exit codes on', async () => {
  expect((await hoplab('kubectl', 'get', 'nodes', '-o', 'name')).stdout.trim().split('\n')).toHaveLength(3)
  expect((await hoplab('kubectl', 'get', 'pod', 'nobody')).exitCode).toBe(1)
  expect((await hoplab('shell', 'node/worker-1', 'hostname')).stdout.trim()).toBe(`hoplab-${lab}-worker`)
  expect((await hoplab('shell', 'toolbox/worker-2', 'conntrack', '-C')).stdout.trim()).toMatch(/^\d+$/u)
  expect((await hoplab('shell', 'pod/client', 'sh', '-c', 'curl -sS --max-time 3 http://hello; exit $?')).exitCode).toBeGreaterThan(0)
})

test('a lab without ways in has none to open', async () => {
  expect(await json('open', 'lb')).toMatchObject({ exitCode: 2, error: { code: 'HOP_WAY_MISSING', what: `The lab "${lab}" has no load-balancer.` } })
})

test('the learner mends, answers, pays for a hint, and is graded', async () => {
  expect(await check()).toMatchObject({ verdict: 'fail', points: 0, maxPoints: 10 })
  expect((await hoplab('check', 'mend')).exitCode).toBe(1)
  expect((await hoplab('evidence', 'both-backends')).stdout).toContain('expected')
  expect(await json('hint', 'mend')).toMatchObject({ level: 1, cost: 0, taken: true })
  expect(await json('hint', 'mend')).toMatchObject({ level: 2, cost: 1, taken: false })
  expect(await json('hint', 'mend', '--yes')).toMatchObject({ level: 2, cost: 1, taken: true })
  const patch = JSON.stringify({ spec: { selector: { app: 'hello' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] } })
  expect((await hoplab('kubectl', 'patch', 'service', 'hello', '-n', 'first-packet', '--type', 'merge', '-p', patch)).exitCode).toBe(0)
  const pod = (await hoplab('kubectl', 'get', 'pods', '-n', 'first-packet', '-l', 'app=hello', '-o', 'jsonpath={.items[0].metadata.name}')).stdout
  expect((await hoplab('answer', 'who-and-whence', `answered-by=${pod}`)).exitCode).toBe(0)
  expect((await json('answer', 'who-and-whence', 'nonsense=1')).error).toMatchObject({ code: 'HOP_NAME_UNKNOWN' })
  const result = await check()
  const passed = result.checks.filter((one) => one.verdict === 'pass').map((one) => one.id)
  expect(passed).toEqual(expect.arrayContaining(['service-answers', 'both-backends', 'answered-by']))
  // 2 + 3 for the Service less 1 for the hint; the other steps earn theirs in full.
  expect(result.points).toBe(result.checks.reduce((sum, one) => sum + (one.verdict === 'pass' ? one.points : 0), 0) - 1)
  expect((await hoplab('next')).stdout).not.toContain('Make the Service answer')
})

test('toolboxes that are killed under a check are our trouble, not the learner\'s; up heals them', async () => {
  expect((await hoplab('solve')).exitCode).toBe(0)
  using deadline = Deadline.start('toolboxes', 120_000)
  const toolboxes = ['worker-1', 'worker-2'].map((position) => `hoplab-${lab}-toolbox-${position}`)
  const since = String(Date.now() / 1_000)
  const checking = hoplab('check', '--json')
  const probed = ['events', '--since', since, ...toolboxes.flatMap((name) => ['--filter', `container=${name}`]), '--format', '{{.Action}}']
  const seen = await poll(async () => (await run('docker', [...probed, '--until', String(Date.now() / 1_000)], { deadline })).stdout, {
    deadline, withinMs: 60_000, everyMs: 50, maxEveryMs: 50, until: (events) => events.includes('exec_start'),
  })
  expect(seen.ok).toBe(true)
  await run('docker', ['rm', '--force', ...toolboxes], { deadline })
  const { exitCode, stdout, stderr } = await checking
  expect(exitCode, stderr).toBe(3)
  const result = labResult.parse(JSON.parse(stdout))
  expect(result.checks.map((one) => one.verdict)).toContain('inconclusive')
  expect(result.checks.filter((one) => one.verdict === 'fail')).toEqual([])
  expect(result.points).toBeLessThan(10)
  expect((await readdir(result.evidence ?? '')).length).toBeGreaterThan(0)
  expect(await json('up', 'first-packet')).toMatchObject({ exitCode: 0, reused: true })
  expect((await check()).verdict).toBe('pass')
})

test('break breaks, undo mends, reset puts everything back', async () => {
  expect((await hoplab('solve')).exitCode).toBe(0)
  expect((await check()).verdict).toBe('pass')
  expect((await hoplab('break', 'selector-typo')).exitCode).toBe(0)
  expect((await check()).verdict).toBe('fail')
  expect((await hoplab('break', '--undo')).exitCode).toBe(0)
  expect((await check()).verdict).toBe('pass')
  const reset = await hoplab('reset')
  expect(reset.exitCode, reset.stderr).toBe(0)
  expect(await check()).toMatchObject({ verdict: 'fail', points: 0 })
})

test('clean keeps a lab that is in use, down removes it whole', async () => {
  expect(await json('clean')).toMatchObject({ exitCode: 0, kept: [lab] })
  expect((await hoplab('down')).exitCode).toBe(0)
  expect(await leftovers(lab)).toEqual([])
  expect((await json('check')).error).toMatchObject({ code: 'HOP_NO_LAB_UP' })
})
