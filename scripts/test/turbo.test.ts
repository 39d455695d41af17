import { expect, test } from 'vitest'
import { isRunOf } from './turbo.ts'

test('of two runs at the same time each finds its own summary', () => {
  const cli = 'turbo run test:docker --filter=@hoplab/cli --continue=always'
  const others = 'turbo run test:docker --filter=!@hoplab/cli --continue=always'
  expect([cli, others].map((command) => isRunOf(command, ['test:docker'], ['--filter=@hoplab/cli']))).toEqual([true, false])
  expect([cli, others].map((command) => isRunOf(command, ['test:docker'], ['--filter=!@hoplab/cli']))).toEqual([false, true])
  expect(isRunOf(cli, ['test:docker'], [])).toBe(false)
  expect(isRunOf('turbo run typecheck test lint --continue=always', ['typecheck', 'test', 'lint'], [])).toBe(true)
  expect(isRunOf('turbo run typecheck test --continue=always', ['typecheck', 'test', 'lint'], [])).toBe(false)
})
