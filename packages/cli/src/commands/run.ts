import { phase } from '@hoplab/core'
import { runStory } from '@hoplab/engine'
import { phasesText, resultText, timed, timingsText } from '@hoplab/report'
import { openNew } from '../compose.ts'
import type { CommandContext } from '../context.ts'
import { requireEngine } from '../engine-help.ts'
import { providerOf } from '../implementations.ts'
import { lockRun } from '../run-lock.ts'
import { exitOfPhases } from '../verdict-exit.ts'

/** `hoplab run LAB` */
export async function run(outer: CommandContext): Promise<number> {
  const { reporter, timings } = timed(outer.reporter)
  const context = { ...outer, reporter }
  const { run: labRun } = await openNew(context, context.args[0] ?? '', { temporary: true })
  const { name, provider } = labRun.spec
  await requireEngine(await providerOf(provider.name), context.deadline)
  await using _held = await lockRun(name, context.deadline)
  const result = await phase((event) => reporter.hear(event), `run ${name}`, () => runStory(labRun, context.deadline))
  const phases = result.phases ?? []
  context.print(context.json ? JSON.stringify(result) : [
    resultText(result, context.look), phasesText(phases, context.look), ...(result.evidence ? [`Evidence of what went wrong here: ${result.evidence}`] : []),
    ...(context.flags.timings === true ? [timingsText(timings, context.look)] : []),
  ].join('\n'))
  return exitOfPhases(phases)
}
