/**
 * `npm test`: lint, types, fast tests and docker tests through turbo; the last line says `N passed, N failed`.
 * `--fast` leaves the docker tests and those of the packed packages out (`pnpm check`). HOPLAB_REQUIRE_DOCKER=1 makes it a failure
 * when docker tests cannot run: no container engine, not root on Linux, or images not built.
 * Exit code 0 when nothing failed, else 1. Totals also stand in .test-results/total.txt for whoever prints last.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { countDockerTests, whyNoDockerTests } from './test/docker-presence.ts'
import { failedTestsOf } from './test/failed-tests.ts'
import { thingsOfOurs } from './test/leftovers.ts'
import { countsOfReport, type Tally, tally, type TaskOutcome, type TestCounts } from './test/tally.ts'
import { runTurbo } from './test/turbo.ts'

const root = join(import.meta.dirname, '..')
process.env.PATH = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`

/** Old reports would count for tasks that die; turbo restores those of cached tasks. */
async function removeReports(): Promise<void> {
  const folders = [...readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name)), join(root, 'scripts'), join(root, 'docs'), root]
  await Promise.all(folders.map((folder) => rm(join(folder, '.test-results'), { recursive: true, force: true })))
}

const reportText = (task: TaskOutcome): Promise<string> => readFile(join(root, task.folder, '.test-results', reportNames[task.task] ?? 'none'), 'utf8')

async function reportOf(task: TaskOutcome): Promise<TestCounts | undefined> {
  return reportText(task).then(countsOfReport, () => undefined)
}

/** The failed tests of every task, whole enough to be understood from the end of a log. */
async function failedTests(tasks: readonly TaskOutcome[]): Promise<string[]> {
  return (await Promise.all(tasks.map((task) => reportText(task).then((text) => failedTestsOf(text, root), () => [])))).flat()
}

/**
 * Docker tests beside which no other may run (`test:docker:alone`) come first, while the fast tests, which make no cluster, work or wait. Of the others two
 * tasks run at a time, because a cluster that comes up waits as much as it works; more do not fit, for each may hold a whole cluster. Whichever ends begins
 * the next, the long ones first: how long the drawn lab takes (measured here: 200 to 800 s) is not known beforehand.
 */
const longTasks = [{ task: 'test:docker', filter: '@hoplab/cli' }, { task: 'test:docker:drawn' }, { task: 'test:docker', filter: '@hoplab/verify' }, { task: 'test:docker', filter: '@hoplab/cluster' }, { task: 'test:docker:machine' }]
const dockerTasks = [...longTasks, { task: 'test:docker', filter: longTasks.flatMap(({ filter }) => (filter === undefined ? [] : [`!${filter}`])) }]
const atATime = 2

const reportNames: Readonly<Record<string, string>> = { 'test': 'fast.json', 'test:pack': 'pack.json', 'test:docker': 'docker.json', 'test:docker:alone': 'alone.json', 'test:docker:drawn': 'drawn.json', 'test:docker:machine': 'machine.json' }

interface DockerRun { tasks: TaskOutcome[]; note?: string; failures: string[] }

const dockerRequired = process.env.HOPLAB_REQUIRE_DOCKER === '1'

async function runDocker(packed: Promise<TaskOutcome[]>): Promise<DockerRun> {
  if (process.argv.includes('--fast')) return { tasks: [], failures: [] }
  const reason = await whyNoDockerTests()
  if (reason) {
    const note = `${await countDockerTests(root)} docker tests not run: ${reason}`
    return dockerRequired ? { tasks: [], failures: [`${note}, and HOPLAB_REQUIRE_DOCKER=1 asks for them`] } : { tasks: [], note, failures: [] }
  }
  const before = await thingsOfOurs()
  const alone = await runTurbo(['test:docker:alone'], { root, concurrency: 1 })
  await packed
  const tasks = [...alone, ...await runInTurn(dockerTasks)]
  // Only the gate has the engine to itself; elsewhere a lab may have come up meanwhile.
  const left = dockerRequired ? [...await thingsOfOurs()].filter((thing) => !before.has(thing)) : []
  return { tasks, failures: left.map((thing) => `left behind by docker tests: ${thing}`) }
}

async function runInTurn(tasks: readonly { task: string; filter?: string | string[] }[]): Promise<TaskOutcome[]> {
  const waiting = tasks.values()
  const lane = async (): Promise<TaskOutcome[]> => {
    const outcomes: TaskOutcome[] = []
    for (const { task, ...only } of waiting) outcomes.push(...await runTurbo([task], { root, concurrency: 1, ...only }))
    return outcomes
  }
  return (await Promise.all(Array.from({ length: atATime }, lane))).flat()
}

function print(total: Tally, failed: readonly string[], note: string | undefined): string {
  console.log(`\n${total.executedTasks} tasks executed, ${total.cachedTasks} from turbo's cache`)
  for (const one of failed) console.log(`FAILED ${one}`)
  for (const failure of total.failures) console.log(`FAILED ${failure}`)
  if (note) console.log(note)
  const line = `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`
  console.log(line)
  return line
}

/**
 * The packages as others install them, then lint, types, fast tests. Clusters that come up meanwhile go before them. An install asks a registry for what the
 * machine has not kept, so it is over before a docker test watches whether a packet leaves the machine.
 */
async function runWithoutClusters(packed: Promise<TaskOutcome[]>): Promise<TaskOutcome[]> {
  const pack = await packed
  return [...pack, ...await runTurbo(['typecheck', 'test', 'lint'], { root, concurrency: 2, yielding: true })]
}

await removeReports()
const packed = process.argv.includes('--fast') ? Promise.resolve([]) : runTurbo(['test:pack'], { root, concurrency: 1, yielding: true })
const [others, docker] = await Promise.all([runWithoutClusters(packed), runDocker(packed)])
const tasks = [...others, ...docker.tasks]
const counts = new Map(await Promise.all(tasks.map(async (task) => [task, task.task.startsWith('test') ? await reportOf(task) : undefined] as const)))
const total = tally(tasks, (task) => counts.get(task))
const dockerTests = docker.tasks.reduce((sum, task) => sum + (counts.get(task)?.passed ?? 0) + (counts.get(task)?.failed ?? 0), 0)
if (docker.tasks.length > 0 && dockerTests === 0) docker.failures.push('the list of docker tests is empty')
total.failed += docker.failures.length
total.failures.push(...docker.failures)
const line = print(total, await failedTests(tasks), docker.note)
await mkdir(join(root, '.test-results'), { recursive: true })
await writeFile(join(root, '.test-results', 'total.txt'), `${line}\n`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
