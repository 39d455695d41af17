import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

/** Lines of a failure that are kept: the message and the first values, not the stack. */
const keptLines = 12

interface Report { testResults: { name: string; status: string; message: string; assertionResults: { fullName: string; status: string; failureMessages: string[] }[] }[] }

/**
 * The failed tests of a vitest JSON report, one text each: file, full name, and what was expected and seen. A file that does not load is one.
 * The end of a long log is often all that is kept of it, so these stand there again.
 * @param root paths are told from here
 */
export function failedTestsOf(text: string, root: string): string[] {
  return (JSON.parse(text) as Report).testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter((one) => one.status === 'failed').map((one) => `${file} > ${one.fullName}\n${said(one.failureMessages.join('\n'))}`)
    return failed.length > 0 || status !== 'failed' ? failed : [`${file}\n${said(message)}`]
  })
}

function said(message: string): string {
  const lines = stripVTControlCharacters(message).split('\n').filter((line) => line.trim() !== '' && !/^\s+at .*:\d+:\d+\)?$/u.test(line))
  return lines.slice(0, keptLines).map((line) => `    ${line.length > 600 ? `${line.slice(0, 600)} …` : line}`).join('\n')
}
