import { expect, test } from 'vitest'
import { execTerminal } from './exec-terminal.ts'

test.each([[true, true, ['-i', '-t']], [true, false, ['-i']], [false, true, ['-i']], [undefined, undefined, ['-i']]] as const)('stdin %s, stdout %s: %j', (stdin, stdout, flags) => {
  expect(execTerminal({ stdin: stdin === undefined ? {} : { isTTY: stdin }, stdout: stdout === undefined ? {} : { isTTY: stdout } })).toEqual(flags)
})
