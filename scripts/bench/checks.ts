import { join } from 'node:path'
import { readLab } from '@hoplab/catalog/fs'
import { Deadline, HopError, silent } from '@hoplab/core'
import type { LabRun } from '@hoplab/engine'
import type { CheckResult, LabEvent } from '@hoplab/model'
import { openProvenLab } from '../proof/open.ts'
import { type Figure, median, row } from './figures.ts'

const root = join(import.meta.dirname, '../..')

/** Faults in the way of packets, by folder name without its number. */
const pathFaults = ['forward-drop', 'fdb-entry-removed', 'vxlan-port-dropped', 'ip-forward-off', 'service-rule-deleted']

/** What DESIGN asks for: declared checks a minute, and milliseconds from a fault to a red check that says where. */
const bounds = { checksPerMinute: 120, explainedMs: 10_000 }

/**
 * Checks per minute over the whole catalogue with every witness and every hold time, on a healthy three-node cluster; each kind alone; and the time
 * from a fault in the path to the first red check that names a hop. One cluster for all rounds. Exit code 1 when a median misses its bound.
 */
export async function benchChecks(rounds: number): Promise<void> {
  using deadline = Deadline.start('bench checks', rounds * 10 * 60_000)
  const lab = await readLab(join(root, 'labs'), join(root, 'proof/catalogue'))
  let heard: (event: LabEvent) => void = () => {}
  const run = await openProvenLab({ lab, name: 'bench-checks', cni: 'flannel', proxyMode: 'iptables', progress: silent, emit: (event) => heard(event) })
  try {
    await run.up(deadline, { recreate: true })
    await run.solve(deadline)
    // Waits for what the solution changed; a healthy cluster has nothing pending.
    await timed(run, deadline)
    const whole = await repeated(rounds, `all ${lab.file.steps.flatMap((step) => step.checks).length} checks`, () => timed(run, deadline))
    const perMinute: Figure = { name: 'checks per minute, whole catalogue', values: whole.map(({ count, ms }) => count / ms * 60_000) }
    const kinds = await eachKind(run, deadline, rounds)
    const explained: Figure[] = []
    for (const fault of pathFaults) explained.push({ name: `${fault}, s`, values: await repeated(rounds, fault, () => untilExplained(run, deadline, fault, (listener) => { heard = listener })) })
    print(perMinute, kinds, explained)
    if (median(perMinute.values) < bounds.checksPerMinute || explained.some(({ values }) => !(median(values) * 1_000 <= bounds.explainedMs))) process.exitCode = 1
  } catch (error) {
    console.error(error instanceof HopError ? `${error.facts.what} ${error.facts.why}` : error)
    process.exitCode = 3
  } finally {
    await run.downAfterwards()
  }
}

interface Timed { count: number; ms: number }

/** One verification; all of it must be green, or there is nothing to time. */
async function timed(run: LabRun, deadline: Deadline, checks?: readonly string[]): Promise<Timed> {
  const result = await run.check(deadline, checks ? { checks } : {})
  const wrong = result.checks.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-offered')
  if (wrong.length > 0) throw new Error(`not healthy: ${wrong.map(({ id, why }) => `${id} (${why})`).join('; ')}`)
  return { count: result.checks.length, ms: result.durationMs }
}

/** Milliseconds per check when only the checks of one kind are verified. */
async function eachKind(run: LabRun, deadline: Deadline, rounds: number): Promise<Figure[]> {
  const specs = run.spec.lab.file.steps.flatMap((step) => step.checks)
  const figures: Figure[] = []
  for (const [kind, mine] of Map.groupBy(specs, (spec) => spec.kind)) {
    const times = await repeated(rounds, kind, () => timed(run, deadline, mine.map(({ id }) => id)))
    figures.push({ name: `${kind} (${mine.length})`, values: times.map(({ count, ms }) => ms / count) })
  }
  return figures
}

/** Seconds from the start of breaking to the first red check of the whole catalogue that names a hop; the fault is taken back. */
async function untilExplained(run: LabRun, deadline: Deadline, fault: string, listen: (listener: (event: LabEvent) => void) => void): Promise<number> {
  let explainedAt = NaN
  const explains = ({ verdict, firstBrokenHop }: CheckResult): boolean => verdict === 'fail' && firstBrokenHop !== undefined
  listen((event) => { if (event.type === 'check' && explains(event.result) && Number.isNaN(explainedAt)) explainedAt = deadline.clock.now() })
  const started = deadline.clock.now()
  await run.inject(deadline, fault)
  try {
    await run.check(deadline)
  } finally {
    await run.undo(deadline, fault)
  }
  return (explainedAt - started) / 1_000
}

async function repeated<T>(rounds: number, what: string, once: () => Promise<T>): Promise<T[]> {
  const values: T[] = []
  for (let round = 0; round < rounds; round++) values.push(await once())
  console.error(`${what}: ${rounds} rounds done`)
  return values
}

function print(perMinute: Figure, kinds: readonly Figure[], explained: readonly Figure[]): void {
  const head = (name: string): string[] => [`| ${name} | min | median | max |`, '| --- | --- | --- | --- |']
  console.log([
    ...head('figure'), row(perMinute), '', ...head('kind alone, ms per check'), ...kinds.map(row), '', ...head('fault to explained red'), ...explained.map(row),
  ].join('\n'))
}
