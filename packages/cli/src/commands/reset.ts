import { openUp } from '../compose.ts'
import { type CommandContext, printResult } from '../context.ts'

/** `hoplab reset [STEP]` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun, lab } = await openUp(context)
  await using _connections = labRun
  await labRun.reset(context.deadline, context.args[0])
  printResult(context, { lab: lab.file.id, reset: true }, () => 'The lab is as it was handed over. Hints you took stay taken.')
  return 0
}
