/** One task of a turbo run, as its summary tells. */
export interface TaskOutcome {
  /** Package name; `//` is the root. */
  package: string
  /** Task name, e.g. `test:docker`. */
  task: string
  /** Folder of the package, relative to the root. */
  folder: string
  ok: boolean
  /** True when turbo replayed an earlier run of the same inputs. */
  cached: boolean
}

/** What a vitest JSON report counts. */
export interface TestCounts { passed: number; failed: number; skipped: number }

/** Totals over everything that ran. Each task that is no test run (lint, typecheck) counts as one test. */
export interface Tally extends TestCounts {
  /** Tasks and tests that failed, one line each. */
  failures: string[]
  executedTasks: number
  cachedTasks: number
}

/** Adds up tasks. `countsOf` gives the report of a test task, or undefined when it wrote none. */
export function tally(tasks: readonly TaskOutcome[], countsOf: (task: TaskOutcome) => TestCounts | undefined): Tally {
  const total: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], executedTasks: 0, cachedTasks: 0 }
  for (const task of tasks) {
    total[task.cached ? 'cachedTasks' : 'executedTasks']++
    const counts = task.task.startsWith('test') ? countsOf(task) : { passed: task.ok ? 1 : 0, failed: task.ok ? 0 : 1, skipped: 0 }
    add(total, task, counts)
  }
  return total
}

function add(total: Tally, task: TaskOutcome, counts: TestCounts | undefined): void {
  const name = `${task.package}#${task.task}`
  // A runner that died has no report or an innocent one; the task's exit code decides.
  const unexplained = counts === undefined || (!task.ok && counts.failed === 0)
  const empty = task.task === 'test' && counts !== undefined && counts.passed + counts.failed === 0
  total.passed += counts?.passed ?? 0
  total.skipped += counts?.skipped ?? 0
  total.failed += (counts?.failed ?? 0) + (unexplained || empty ? 1 : 0)
  if (unexplained) total.failures.push(`${name}: ${task.ok ? 'wrote no report' : 'ended with an error'}`)
  else if (empty) total.failures.push(`${name}: has no test`)
  else if (counts.failed > 0) total.failures.push(`${name}: ${counts.failed} failed`)
}

/** Reads the counts out of vitest's JSON report; undefined when it is none. */
export function countsOfReport(text: string): TestCounts | undefined {
  const report = JSON.parse(text) as Record<string, unknown>
  const number = (key: string): number => (typeof report[key] === 'number' ? report[key] : NaN)
  const failedFiles = number('numFailedTestSuites')
  const counts = {
    passed: number('numPassedTests'),
    // A file that does not load has no failed test, but a failed suite.
    failed: number('numFailedTests') || (report.success === false && failedFiles > 0 ? failedFiles : 0),
    skipped: number('numPendingTests') + number('numTodoTests'),
  }
  return Object.values(counts).some(Number.isNaN) ? undefined : counts
}
