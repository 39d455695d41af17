import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'
import { HOP_USAGE } from '../errors.ts'

/** `hoplab answer STEP KEY=VALUE…` */
export async function run(context: CommandContext): Promise<number> {
  const [step = '', ...pairs] = context.args
  const answers = Object.fromEntries(pairs.map(pairOf))
  const { run: labRun } = await openUp(context)
  await labRun.learner.answer(step, answers)
  printResult(context, { step, answers }, () => `Noted: ${Object.entries(answers).map(([key, value]) => `${key} is ${value}`).join(', ')}. "hoplab check ${step}" grades it.`)
  return 0
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw HOP_USAGE({ said: `"${text}" is no KEY=VALUE.`, fix: 'Write the key, "=" and the value without spaces around "=", e.g. answered-by=hello-abc.' })
  return [text.slice(0, at), text.slice(at + 1).trim()]
}
