import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { stepData, stepsTable, stepText } from '../step-text.ts'

/** `hoplab steps [STEP]` */
export async function run(context: CommandContext): Promise<number> {
  const { lab, saved } = await openUp(context)
  const [asked] = context.args
  if (asked === undefined) printResult(context, { lab: lab.file.id, steps: lab.file.steps.map((step) => stepData(lab, step.id, saved, context)) }, () => stepsTable(lab.file, saved, context))
  else printResult(context, { lab: lab.file.id, step: stepData(lab, asked, saved, context) }, () => stepText(lab, asked, saved, context))
  return 0
}
