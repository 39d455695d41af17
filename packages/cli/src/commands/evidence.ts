import { evidenceText } from '@hoplab/report'
import { type CommandContext, printResult } from '../context.ts'
import { HOP_CHECK_UNKNOWN, HOP_NOTHING_CHECKED } from '../errors.ts'
import { whichLab } from '../which-lab.ts'

/** `hoplab evidence [CHECK]` */
export async function run(context: CommandContext): Promise<number> {
  const { lastResult } = await whichLab(context)
  if (!lastResult) throw HOP_NOTHING_CHECKED()
  const [asked] = context.args
  const checks = asked === undefined ? lastResult.checks : lastResult.checks.filter((check) => check.id === asked)
  if (checks.length === 0) throw HOP_CHECK_UNKNOWN({ asked: asked ?? '', known: lastResult.checks.map((check) => check.id) })
  printResult(context, { lab: lastResult.lab, checks }, () => checks.map((check) => evidenceText(check, context.look)).join('\n\n'))
  return 0
}
