import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Deadline, HOP_INTERRUPTED, HopError, poll } from '@hoplab/core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { endProcessesOf, processesOf } from '../state/processes.ts'
import { ToolboxAgent } from './agent.ts'

/** A `docker` whose `exec` speaks as hoplab-agent does; what it is asked for stands in the file `asked`. */
const client = (folder: string): string => `#!${process.execPath}
const { appendFileSync, constants } = require('node:fs')
// A client that ends after the tests must not make the file anew in a folder that is being removed.
const note = (text) => { try { appendFileSync(${JSON.stringify(join(folder, 'asked'))}, text + '\\n', { flag: constants.O_WRONLY | constants.O_APPEND }) } catch (error) { if (error.code !== 'ENOENT') throw error } }
note(process.argv.slice(2).join(' '))
if (process.argv[2] === 'inspect') { process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(join(folder, 'running'))})); process.exit(0) }
const say = (id, exitCode, stdout, stderr = null) => process.stdout.write(JSON.stringify({ id, exitCode, stdout, stderr }) + '\\n')
const b64 = (text) => Buffer.from(text).toString('base64')
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, argv = [], input, cancel } = JSON.parse(line)
  if (cancel) note('cancelled')
  else if (argv[0] === 'cat') setTimeout(() => say(id, Number(argv[1] ?? 0), input ?? '', b64('oh')), Number(argv[2] ?? 0))
  else if (argv[0] === 'babble') process.stdout.write('Content-Type: none\\n')
  else if (argv[0] === 'die') { process.stderr.write('the toolbox has ended'); process.exit(1) }
}).on('close', () => note('closed'))
`
let folder: string
const asked = async (): Promise<string[]> => (await readFile(join(folder, 'asked'), 'utf8')).split('\n').filter(Boolean)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoplab-agent-'))
  await writeFile(join(folder, 'docker'), client(folder))
  await chmod(join(folder, 'docker'), 0o755)
})
beforeEach(async () => {
  await writeFile(join(folder, 'asked'), '')
  await writeFile(join(folder, 'running'), 'true\n')
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`)
})
afterEach(() => { vi.unstubAllEnvs() })
afterAll(() => rm(folder, { recursive: true, force: true }))

const within = (): Deadline => Deadline.start('test', 280_000)

test('programs of one toolbox share one client, and each gets its own answer', async () => {
  using deadline = within()
  const agent = new ToolboxAgent('box', 'run-1')
  const said = await Promise.all([agent.exec(['cat', '3', '50'], { deadline, input: 'slow \u0000ü' }), agent.exec(['cat'], { deadline, input: 'quick' }), agent.exec(['cat'], { deadline })])
  expect(said.map(({ exitCode, stdout, stderr }) => [exitCode, stdout, stderr])).toEqual([[3, 'slow \u0000ü', 'oh'], [0, 'quick', 'oh'], [0, '', 'oh']])
  expect(await asked()).toEqual([expect.stringMatching(/^exec --interactive box sh -c .*; exec hoplab-agent \/run\/hoplab-toolbox\.pid$/u)])
})

test('its client is one of the run\'s processes: whoever removes the lab ends it, and the next program gets another', async () => {
  using deadline = within()
  const runId = `run-${crypto.randomUUID()}`
  const agent = new ToolboxAgent('box', runId)
  await agent.exec(['cat'], { deadline })
  expect(await endProcessesOf(new Set([runId]), deadline)).toHaveLength(1)
  expect(await processesOf(new Set([runId]))).toEqual([])
  // The process is gone from the machine before its end is heard of here; what is asked for in between is told so, and nothing else.
  const early: unknown[] = []
  const next = await poll(() => agent.exec(['cat'], { deadline }).catch((thrown: unknown) => { early.push(thrown) }), { deadline, until: (answer) => answer !== undefined, everyMs: 20 })
  expect(next.last).toMatchObject({ exitCode: 0 })
  expect(early.filter((thrown) => !(thrown instanceof HopError && thrown.code === 'HOP_TOOLBOX_GONE'))).toEqual([])
  await endProcessesOf(new Set([runId]), deadline)
})

test('what ends with its container is no answer', async () => {
  using deadline = within()
  const agent = new ToolboxAgent('box', 'run-1')
  const hanging = agent.exec(['hang'], { deadline }).catch((thrown: unknown) => thrown)
  await agent.exec(['cat'], { deadline })
  await expect(agent.exec(['die'], { deadline })).rejects.toMatchObject({ code: 'HOP_TOOLBOX_GONE', facts: { why: 'the toolbox has ended' } })
  expect(await hanging).toMatchObject({ code: 'HOP_TOOLBOX_GONE' })
  // The container may have been started again.
  expect(await agent.exec(['cat'], { deadline })).toMatchObject({ exitCode: 0 })
})

test('a program is waited for as long as its container runs, and no longer', async () => {
  using deadline = within()
  const hanging = new ToolboxAgent('box', 'run-1').exec(['hang'], { deadline }).catch((thrown: unknown) => thrown)
  await vi.waitFor(async () => expect((await asked()).filter((one) => one.startsWith('inspect'))).toHaveLength(1), 10_000)
  await writeFile(join(folder, 'running'), 'false\n')
  expect(await hanging).toMatchObject({ code: 'HOP_TOOLBOX_GONE', facts: { why: 'Its container does not run any more.' } })
})

test('a line that is none of the agent\'s makes nothing believable', async () => {
  using deadline = within()
  const agent = new ToolboxAgent('box', 'run-1')
  await expect(agent.exec(['babble'], { deadline })).rejects.toMatchObject({ code: 'HOP_TOOLBOX_GONE', facts: { why: expect.stringContaining('cannot be read') } })
})

test('an interruption is thrown at once and ends the program there', async () => {
  const user = new AbortController()
  using deadline = Deadline.start('test', 280_000, { signal: user.signal })
  const hanging = new ToolboxAgent('box', 'run-1').exec(['hang'], { deadline })
  setTimeout(() => user.abort(HOP_INTERRUPTED()), 100)
  await expect(hanging).rejects.toMatchObject({ code: 'HOP_INTERRUPTED' })
  await vi.waitFor(async () => expect(await asked()).toContain('cancelled'), 5_000)
})

test('an agent that nobody needs any more is let go', async () => {
  using deadline = within()
  await new ToolboxAgent('box', 'run-1').exec(['cat'], { deadline })
  await vi.waitFor(async () => expect(await asked()).toContain('closed'), 10_000)
})

test('without the engine\'s client there is no toolbox', async () => {
  vi.stubEnv('PATH', '/nowhere')
  using deadline = within()
  await expect(new ToolboxAgent('box', 'run-1').exec(['cat'], { deadline })).rejects.toMatchObject({ code: 'HOP_TOOLBOX_GONE' })
})
