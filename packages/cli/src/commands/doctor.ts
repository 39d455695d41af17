import { exitCodes } from '@hoplab/core'
import { useOwnEngine } from '@hoplab/images'
import { paint } from '@hoplab/report'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { startsOn, thisHost } from '../engine-help.ts'
import { providerOf } from '../implementations.ts'

/** `hoplab doctor` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const name = textFlag(context, 'lab') ?? 'first-packet'
  const findings = await (await providerOf('kind')).diagnose(context.deadline, { name })
  const { look } = context
  printResult(context, { ok: findings.every((finding) => finding.ok), findings }, () => [
    ...findings.map((finding) => (finding.ok ? `${paint(look, 'green', 'ok')}  ${finding.what}` : [
      `${paint(look, 'red', 'BAD')} ${finding.what} [${finding.code}]`, `    effect: ${finding.effect}`, `    fix: ${finding.fix}`,
      ...(finding.code === 'HOP_ENGINE_UNREACHABLE' || finding.code === 'HOP_PROGRAM_MISSING' ? startsOn(thisHost()).map((line) => `      ${line}`) : []),
    ].join('\n'))),
    findings.every((finding) => finding.ok) ? 'Nothing stands in the way of a lab.' : `${findings.filter((finding) => !finding.ok).length} findings stand in the way of a lab.`,
  ].join('\n'))
  return findings.every((finding) => finding.ok) ? exitCodes.ok : exitCodes.inconclusive
}
