import { join } from 'node:path'
import type { Deadline } from '@hoplab/core'
import { exec, run } from '@hoplab/core/node'
import { expect } from 'vitest'
import { repository } from './second-engine.ts'

/** One thing that the doctor looked at. */
export interface Finding { code: string; ok: boolean; what: string; effect: string; fix: string }

/** What a doctor said. */
export interface Diagnosis { findings: Finding[]; exitCode: number }

/** `hoplab doctor --json`, to be run in {@link repository}. */
export const doctorCommand: readonly string[] = [process.execPath, join(repository, 'packages/cli/src/main.ts'), 'doctor', '--json']

/** What `hoplab doctor --json` printed. */
export const read = (result: { stdout: string; exitCode: number }): Diagnosis =>
  ({ findings: (JSON.parse(result.stdout) as { findings: Finding[] }).findings, exitCode: result.exitCode })

/** Asks the doctor of this machine. */
export async function doctor(deadline: Deadline, ...args: string[]): Promise<Diagnosis> {
  const [program = '', ...rest] = doctorCommand
  return read(await exec(program, [...rest, ...args], { deadline, cwd: repository }))
}

/** The finding of a code, which must be there. */
export const found = (findings: readonly Finding[], code: string): Finding => {
  const finding = findings.find((one) => one.code === code)
  expect(finding, `a finding ${code} among ${findings.map((one) => one.code).join(', ')}`).toBeDefined()
  return finding as Finding
}

/** The command that a fix tells to type: the first one in double quotes, or all of it. */
const commandIn = (fix: string): string => /"((?:docker|sudo|\.\/hoplab|sysctl|sh) [^"]*)"/u.exec(fix)?.[1] ?? fix

/** Types a command line. */
export const shell = (command: string, deadline: Deadline): Promise<unknown> => run('sh', ['-c', command], { deadline, cwd: repository })

/** A problem is told with cause, effect and fix, and exits with 3. Returns the command of the fix. */
export function expectBad({ findings, exitCode }: Diagnosis, code: string): string {
  const finding = found(findings, code)
  expect(finding.ok).toBe(false)
  expect(finding.what).not.toBe('')
  expect(finding.effect).not.toBe('')
  expect(exitCode).toBe(3)
  return commandIn(finding.fix)
}
