import { createInterface } from 'node:readline/promises'
import { plainText } from '@hoplab/core'
import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { nextStep } from '../step-text.ts'

/** `hoplab hint [STEP]` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun, lab, saved } = await openUp(context)
  const step = context.args[0] ?? nextStep(lab.file, saved)?.id ?? lab.file.steps[0]?.id ?? ''
  const offer = await labRun.learner.nextHint(step)
  const price = offer.cost === 1 ? '1 point' : `${offer.cost} points`
  if (offer.cost > 0 && context.flags.yes !== true && !await agreed(context, `Hint ${offer.level} of step ${offer.step} costs ${price}. Take it? [y/N] `)) {
    printResult(context, { step: offer.step, level: offer.level, cost: offer.cost, taken: false }, () => `Hint ${offer.level} of step ${offer.step} costs ${price}. Take it with "hoplab hint ${offer.step} --yes".`)
    return 0
  }
  await labRun.learner.takeHint(step)
  printResult(context, { ...offer, taken: true }, () => `Hint ${offer.level} of step ${offer.step} (${offer.cost === 0 ? 'free' : `cost ${price}`}): ${plainText(offer.text)}`)
  return 0
}

/** Asks at a terminal; elsewhere nobody can agree. */
async function agreed(context: CommandContext, question: string): Promise<boolean> {
  if (context.json || !process.stdin.isTTY || !process.stderr.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/iu.test((await terminal.question(question, { signal: context.deadline.signal })).trim())
  } finally {
    terminal.close()
  }
}
