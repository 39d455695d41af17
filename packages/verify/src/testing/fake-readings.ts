import { readingsProgram } from '../probes/readings.ts'
import type { Printed } from './fake-lab.ts'

/** Whether argv is the script that runs several programs. */
export const isReadings = (argv: readonly string[]): boolean => argv[3] === readingsProgram

/** What that script prints when its programs print what `run` says. */
export function printReadings(argv: readonly string[], run: (program: readonly string[]) => Printed): string {
  const mark = argv[4] ?? ''
  let text = ''
  for (let at = 5; at < argv.length; at += Number(argv[at]) + 1) {
    const { exitCode, stdout } = run(argv.slice(at + 1, at + 1 + Number(argv[at])))
    text += `${stdout}\n${mark} ${exitCode}\n`
  }
  return `${text}${mark} end\n`
}
