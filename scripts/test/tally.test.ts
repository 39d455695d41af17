import { describe, expect, test } from 'vitest'
import { countsOfReport, tally, type TaskOutcome, type TestCounts } from './tally.ts'

const task = (name: string, ok = true, cached = false): TaskOutcome => ({ package: '@hoplab/core', task: name, folder: 'packages/core', ok, cached })
const counts = (passed: number, failed = 0, skipped = 0): TestCounts => ({ passed, failed, skipped })

describe('tally', () => {
  test('adds tests and counts lint and types as one each', () => {
    const total = tally([task('lint'), task('typecheck', true, true), task('test')], () => counts(7, 0, 2))
    expect(total).toEqual({ passed: 9, failed: 0, skipped: 2, failures: [], executedTasks: 2, cachedTasks: 1 })
  })
  test('a failed task without a report is one failure', () => {
    expect(tally([task('test', false)], () => undefined)).toMatchObject({ failed: 1, failures: ['@hoplab/core#test: ended with an error'] })
  })
  test('a test task that wrote no report is a failure even when it ended well', () => {
    expect(tally([task('test')], () => undefined)).toMatchObject({ failed: 1, failures: ['@hoplab/core#test: wrote no report'] })
  })
  test('a task that ended badly is never hidden by a good report', () => {
    expect(tally([task('test', false)], () => counts(3))).toMatchObject({ passed: 3, failed: 1 })
  })
  test('failed tests are counted once', () => {
    expect(tally([task('test', false)], () => counts(3, 2))).toMatchObject({ passed: 3, failed: 2 })
  })
  test('an empty list of fast tests is a failure, of docker tests in one package not', () => {
    expect(tally([task('test')], () => counts(0, 0, 4))).toMatchObject({ failed: 1, failures: ['@hoplab/core#test: has no test'] })
    expect(tally([task('test:docker')], () => counts(0))).toMatchObject({ failed: 0 })
  })
  test('a failed lint is a failure', () => {
    expect(tally([task('lint', false)], () => undefined)).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe('countsOfReport', () => {
  test('reads a report', () => {
    const report = { success: true, numPassedTests: 4, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, numFailedTestSuites: 1 }
    expect(countsOfReport(JSON.stringify(report))).toEqual({ passed: 4, failed: 1, skipped: 3 })
  })
  test('a file that does not load counts as failed', () => {
    const report = { success: false, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numFailedTestSuites: 1 }
    expect(countsOfReport(JSON.stringify(report))).toMatchObject({ failed: 1 })
  })
  test('refuses something else', () => {
    expect(countsOfReport('{}')).toBeUndefined()
  })
})
