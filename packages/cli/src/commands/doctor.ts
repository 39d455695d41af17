import { type CniInstaller, describeNetwork, describeUpstreamOnly } from '@hoplab/cni'
import { type Deadline, exitCodes } from '@hoplab/core'
import { useOwnEngine } from '@hoplab/images'
import { optionValues } from '@hoplab/model'
import { type Look, paint } from '@hoplab/report'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { startsOn, thisHost } from '../engine-help.ts'
import { installedCnis, installerOf, providerOf } from '../implementations.ts'

/** `hoplab doctor` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const name = textFlag(context, 'lab') ?? 'first-packet'
  const findings = await (await providerOf('kind')).diagnose(context.deadline, { name })
  // Without an engine nothing can be said of images, and the first finding says why.
  const networks = findings[0]?.ok === true ? await Promise.all(installedCnis.map(async (cni) => networkFinding(await installerOf(cni), context.deadline))) : []
  const { look } = context
  printResult(context, { ok: findings.every((finding) => finding.ok), findings, networks }, () => [
    ...findings.map((finding) => (finding.ok ? `${paint(look, 'green', 'ok')}  ${finding.what}` : [
      `${paint(look, 'red', 'BAD')} ${finding.what} [${finding.code}]`, `    effect: ${finding.effect}`, `    fix: ${finding.fix}`,
      ...(finding.code === 'HOP_ENGINE_UNREACHABLE' || finding.code === 'HOP_PROGRAM_MISSING' ? startsOn(thisHost()).map((line) => `      ${line}`) : []),
    ].join('\n'))),
    ...networks.map((network) => networkLine(network, look)),
    findings.every((finding) => finding.ok) ? 'Nothing stands in the way of a lab.' : `${findings.filter((finding) => !finding.ok).length} findings stand in the way of a lab.`,
  ].join('\n'))
  return findings.every((finding) => finding.ok) ? exitCodes.ok : exitCodes.inconclusive
}

/** A CNI that labs can be brought up with, or why not; that one cannot be installed yet stands in the way of no lab with another. */
interface NetworkFinding { cni: string; network: string; options: ReturnType<typeof optionValues>; upstreamOnly: readonly string[]; ready: boolean; reasons: readonly { what: string; fix: string }[] }

async function networkFinding({ name, capabilities, upstreamOnly = [], probe }: CniInstaller, deadline: Deadline): Promise<NetworkFinding> {
  const probed = await probe('auto', deadline)
  return { cni: name, network: describeNetwork(capabilities), options: optionValues(name), upstreamOnly, ready: probed.ready, reasons: probed.ready ? [] : probed.reasons }
}

function networkLine({ cni, network, options, upstreamOnly, ready, reasons }: NetworkFinding, look: Look): string {
  const more = [...Object.entries(options).map(([key, values]) => `--cni-option ${key}=${values.join('|')}`), ...[describeUpstreamOnly({ upstreamOnly })].filter((line) => line !== undefined)]
  if (ready) return [`${paint(look, 'green', 'ok')}  --cni ${cni}: ${network}`, ...more.map((line) => `    ${line}`)].join('\n')
  return [`${paint(look, 'yellow', 'no')}  --cni ${cni} cannot be installed yet`, ...reasons.flatMap(({ what, fix }) => [`    ${what}`, `    fix: ${fix}`])].join('\n')
}
