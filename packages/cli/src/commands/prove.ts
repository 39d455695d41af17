import { listLabs } from '@hoplab/catalog/fs'
import { proveLab } from '@hoplab/engine'
import type { LabResult } from '@hoplab/model'
import { phasesText } from '@hoplab/report'
import { printClaims } from '../claims.ts'
import { openNew } from '../compose.ts'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { requireEngine } from '../engine-help.ts'
import { HOP_USAGE } from '../errors.ts'
import { providerOf } from '../implementations.ts'
import { labsRoot } from '../labs-root.ts'
import { lockRun } from '../run-lock.ts'
import { exitOfPhases } from '../verdict-exit.ts'

/** `hoplab prove [LAB…] [--repeat N] [--claims]` */
export async function run(context: CommandContext): Promise<number> {
  if (context.flags.claims === true) return printClaims(context)
  const repeat = Number(textFlag(context, 'repeat') ?? 1)
  if (!Number.isInteger(repeat) || repeat < 1) throw HOP_USAGE({ said: '--repeat takes a whole number from 1.', fix: 'Write e.g. "--repeat 5".' })
  const asked = context.args.length > 0 ? context.args : (await listLabs(labsRoot())).map((lab) => lab.folder)
  const results: LabResult[] = []
  for (const lab of asked) results.push(await proveOne(context, lab, repeat))
  const phases = results.flatMap((result) => result.phases ?? [])
  const [only] = results
  if (context.json && only && results.length === 1) context.print(JSON.stringify(only))
  else printResult(context, { labs: results }, () => results.map((result) => `${result.lab}: ${phasesText(result.phases ?? [], context.look)}`).join('\n'))
  return exitOfPhases(phases)
}

async function proveOne(context: CommandContext, asked: string, repeat: number): Promise<LabResult> {
  const { run: labRun } = await openNew(context, asked, { temporary: true })
  const { name, provider } = labRun.spec
  await requireEngine(await providerOf(provider.name), context.deadline)
  await using _held = await lockRun(name, context.deadline)
  return proveLab(labRun, context.deadline, { repeat })
}
