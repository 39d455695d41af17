import { expect, test } from 'vitest'
import { failedTestsOf } from './failed-tests.ts'

const passed = { fullName: 'a works', status: 'passed', failureMessages: [] }

test('tells each failed test with what was expected and seen, without stack and colours', () => {
  const failed = { fullName: 'b works', status: 'failed', failureMessages: ['\u001b[31mAssertionError\u001b[39m: expected 1 to be 2\n    at file:///r/b.ts:3:4\n    at run (/r/node_modules/x.js:1:2)'] }
  const report = { testResults: [{ name: '/r/packages/b.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] }] }
  expect(failedTestsOf(JSON.stringify(report), '/r')).toEqual(['packages/b.test.ts > b works\n    AssertionError: expected 1 to be 2'])
})

test('a file that does not load is told with its reason; what passed is not told', () => {
  const report = { testResults: [
    { name: '/r/c.test.ts', status: 'failed', message: 'Cannot find ./d.ts', assertionResults: [] },
    { name: '/r/a.test.ts', status: 'passed', message: '', assertionResults: [passed] },
  ] }
  expect(failedTestsOf(JSON.stringify(report), '/r')).toEqual(['c.test.ts\n    Cannot find ./d.ts'])
})

test('a long difference is cut', () => {
  const long = { fullName: 'l', status: 'failed', failureMessages: [Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n')] }
  const [text] = failedTestsOf(JSON.stringify({ testResults: [{ name: '/r/l.test.ts', status: 'failed', message: '', assertionResults: [long] }] }), '/r')
  expect(text?.split('\n').length).toBe(13)
})
