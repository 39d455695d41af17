import type { LabResult } from '@hoplab/model'
import { resultText } from '@hoplab/report'
import { openUp } from '../compose.ts'
import { type CommandContext, withoutCheckLines } from '../context.ts'
import { exitOf } from '../verdict-exit.ts'

/** Pause between two looks of `--watch`. Milliseconds. */
const watchEveryMs = 3_000

/** `hoplab check [STEP] [--watch]` */
export async function run(outer: CommandContext): Promise<number> {
  // Whoever watches sees the whole result at the end of each look, in the lab's order.
  const context = withoutCheckLines(outer)
  const { run: labRun, lab, saved } = await openUp(context)
  await using _connections = labRun
  const [step] = context.args
  let before = ''
  for (;;) {
    const result = await labRun.check(context.deadline, step === undefined ? {} : { step })
    const verdicts = result.checks.map((check) => `${check.id} ${check.verdict}`).join()
    if (verdicts !== before) show(context, result, lab.file.steps.map((one) => one.id).find((id) => isRed(result, id) && (saved.steps[id]?.hintsTaken ?? 0) < 3))
    before = verdicts
    if (context.flags.watch !== true || result.verdict === 'pass') return exitOf(result.verdict)
    await context.deadline.sleep(watchEveryMs)
  }
}

function show(context: CommandContext, result: LabResult, stepWithHint: string | undefined): void {
  if (context.json) return context.print(JSON.stringify(result))
  context.print(resultText(result, context.look))
  if (result.evidence) context.print(`Evidence of what went wrong here: ${result.evidence}`)
  if (stepWithHint !== undefined) context.print(`"hoplab hint ${stepWithHint}" offers a hint, "hoplab evidence" shows what was seen.`)
}

const isRed = (result: LabResult, step: string): boolean => result.checks.some((check) => check.step === step && check.verdict === 'fail')
