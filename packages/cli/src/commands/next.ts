import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { nextStep, stepData, stepText } from '../step-text.ts'

/** `hoplab next` */
export async function run(context: CommandContext): Promise<number> {
  const { lab, saved } = await openUp(context)
  const step = nextStep(lab.file, saved)
  printResult(context, { lab: lab.file.id, step: step ? stepData(lab, step.id, saved, context) : null },
    () => (step ? stepText(lab, step.id, saved, context) : `All ${lab.file.steps.length} steps are done. "hoplab break" breaks the lab for practice, "hoplab down" removes it.`))
  return 0
}
