import { isAbort, messageOf, plainLine } from '@hoplab/core'
import { Broken } from '../../probes/broken.ts'
import type { Round } from '../../round.ts'
import { ScriptOutput } from './read-lines.ts'

/** Runs one of `scripts.ts` in the toolbox of `node`. @throws Broken when it could not be run, or its output cannot be believed */
export async function runScript(round: Round, node: string, script: string, args: readonly [id: string, ...rest: string[]]): Promise<ScriptOutput> {
  const { deadline } = round
  const result = await round.view.shell(node).exec(['bash', '-c', script, 'hoplab-trace', ...args], { deadline }).catch((thrown: unknown) => {
    if (isAbort(thrown) && deadline.signal.aborted) throw thrown
    throw new Broken(`The toolbox of ${node} did not run the trace: ${plainLine(messageOf(thrown))}`, { hopeless: true, cause: thrown })
  })
  if (result.exitCode !== 0) throw new Broken(`The trace on ${node} ended with ${result.exitCode}: ${plainLine(result.stderr) || 'it said nothing'}.`, { hopeless: true })
  return new ScriptOutput(result.stdout, args[0])
}
