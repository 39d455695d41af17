import { listLabs, readLab } from '@hoplab/catalog/fs'
import { type LabRun, proveLab } from '@hoplab/engine'
import type { ImageSource, LabResult } from '@hoplab/model'
import { phasesText } from '@hoplab/report'
import { printClaims } from '../claims.ts'
import { networksToProve } from '../asked-networks.ts'
import { type OpenedLab, openNew } from '../compose.ts'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { requireEngine } from '../engine-help.ts'
import { HOP_USAGE } from '../errors.ts'
import { providerOf } from '../implementations.ts'
import { labsRoot } from '../labs-root.ts'
import { lockRun } from '../run-lock.ts'
import { exitOfPhases } from '../verdict-exit.ts'

/** `hoplab prove [LAB…] [--cni a,b|all] [--repeat N] [--claims]` */
export async function run(context: CommandContext): Promise<number> {
  if (context.flags.claims === true) return printClaims(context)
  const repeat = Number(textFlag(context, 'repeat') ?? 1)
  if (!Number.isInteger(repeat) || repeat < 1) throw HOP_USAGE({ said: '--repeat takes a whole number from 1.', fix: 'Write e.g. "--repeat 5".' })
  const asked = context.args.length > 0 ? context.args : (await listLabs(labsRoot())).map((lab) => lab.folder)
  // All are opened before the first is proven: what is refused is refused now, and not an hour later.
  const opened: OpenedLab[] = []
  for (const lab of asked) opened.push(...await openOn(context, lab))
  const results: LabResult[] = []
  for (const { run: labRun } of opened) results.push(await proveOne(context, labRun, repeat).catch((error: unknown) => tellBefore(context, results, error)))
  const phases = results.flatMap((result) => result.phases ?? [])
  const [only] = results
  if (context.json && only && results.length === 1) context.print(JSON.stringify(only))
  else printResult(context, { labs: results }, () => allText(context, results))
  return exitOfPhases(phases)
}

/** A lab on each of the networks that were asked for. Nothing is created. @throws what {@link networksToProve} and {@link openNew} throw */
async function openOn(context: CommandContext, asked: string): Promise<OpenedLab[]> {
  const { file } = await readLab(labsRoot(), asked, textFlag(context, 'seed'))
  const networks = await networksToProve(context, file, (textFlag(context, 'images') ?? 'auto') as ImageSource)
  return Promise.all(networks.map((network) => openNew({ ...context, flags: { ...context.flags, ...network } }, asked, { temporary: true })))
}

/** What was proven before something went wrong is no result of the command, and no reason to prove it again. */
function tellBefore(context: CommandContext, results: readonly LabResult[], error: unknown): never {
  if (results.length > 0) context.say(`Proven before this:\n${allText(context, results)}`)
  throw error
}

const allText = ({ look }: CommandContext, results: readonly LabResult[]): string => results.map((result) => `${nameOf(result, results)}: ${phasesText(result.phases ?? [], look)}`).join('\n')

/** With its network where labs were proven on several. */
function nameOf({ lab, cni, cluster: { kubeProxyMode } }: LabResult, all: readonly LabResult[]): string {
  const several = new Set(all.map((one) => `${one.cni} ${one.cluster.kubeProxyMode}`)).size > 1
  return several ? `${lab} on ${cni}, kube-proxy ${kubeProxyMode}` : lab
}

async function proveOne(context: CommandContext, labRun: LabRun, repeat: number): Promise<LabResult> {
  const { name, provider } = labRun.spec
  await requireEngine(await providerOf(provider.name), context.deadline)
  await using _held = await lockRun(name, context.deadline)
  return proveLab(labRun, context.deadline, { repeat })
}
