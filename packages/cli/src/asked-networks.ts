import type { CniInstaller, Probed } from '@hoplab/cni'
import type { Deadline } from '@hoplab/core'
import type { MatrixNetwork } from '@hoplab/engine'
import { type ImageSource, type LabFile, type ProxyMode, proxyMode } from '@hoplab/model'
import type { CommandContext } from './context.ts'
import { HOP_NOT_OFFERED, HOP_USAGE } from './errors.ts'
import { installedCnis, installerOf } from './implementations.ts'
import { withVariants } from './option-variants.ts'

type Asked = Pick<CommandContext, 'flags' | 'deadline' | 'say'>
/** The installers of these names, each with whether this machine has what it needs. */
export type ProbeAll = (names: readonly string[], images: ImageSource, deadline: Deadline) => Promise<(Probed & { installer: CniInstaller })[]>

const example = 'Write e.g. "--cni flannel,calico,routes".'

/** Every network that was asked for, as by default and with each option that was named for it, in every proxy mode, in the order of the lists. Nothing is created. @throws HOP_USAGE, HOP_NOT_OFFERED */
export async function askedNetworks(context: Asked, images: ImageSource): Promise<MatrixNetwork[]> {
  const modes = askedModes(context)
  const names = listOf(context, 'cni', '--cni')
  if (names === undefined) throw HOP_USAGE({ said: 'No network was named to compare.', fix: example })
  const installers = names.includes('all') ? await everyOne(installedCnis, names, context, (each) => probeAll(each, images, context.deadline)) : await Promise.all(names.map((name) => installerOf(name)))
  return (await withVariants(context, installers)).flatMap((installer) => modes.map((mode) => ({ installer, proxyMode: mode })))
}

/**
 * Networks that a lab is to be proven on: the first it names unless others were asked for; of `all` those of its own that can be installed here. Whether it
 * is offered on each is not looked at. Nothing is created. @throws HOP_USAGE, HOP_NOT_OFFERED
 */
export async function networksToProve(context: Asked, { cnis }: Pick<LabFile, 'cnis'>, images: ImageSource, probed: ProbeAll = probeAll): Promise<{ cni: string; proxyMode: ProxyMode }[]> {
  const modes = askedModes(context)
  const asked = listOf(context, 'cni', '--cni')
  const names = asked?.includes('all') ? (await everyOne(cnis, asked, context, (each) => probed(each, images, context.deadline))).map(({ name }) => name) : asked ?? cnis.slice(0, 1)
  if (names.length > 1 && context.flags.cniOption !== undefined) throw HOP_USAGE({ said: '--cni-option is how one network does its work, and several are to be proven on.', fix: 'Name the one it is of with --cni.' })
  return names.flatMap((cni) => modes.map((mode) => ({ cni, proxyMode: mode })))
}

function askedModes(context: Pick<CommandContext, 'flags'>): ProxyMode[] {
  const modes = listOf(context, 'proxyMode', '--proxy-mode') ?? ['iptables']
  const unknown = modes.find((mode) => !proxyMode.options.includes(mode as ProxyMode))
  if (unknown !== undefined) throw HOP_NOT_OFFERED({ what: `kube-proxy in "${unknown}" mode`, offered: proxyMode.options })
  return modes as ProxyMode[]
}

async function everyOne(all: readonly string[], names: readonly string[], { say }: Asked, probed: (names: readonly string[]) => ReturnType<ProbeAll>): Promise<CniInstaller[]> {
  if (names.length > 1) throw HOP_USAGE({ said: '"--cni all" stands for every network, and others are named beside it.', fix: example })
  return installable(await probed(all), say)
}

const probeAll: ProbeAll = (names, images, deadline) =>
  Promise.all(names.map(async (name) => { const installer = await installerOf(name); return { installer, ...await installer.probe(images, deadline) } }))

/** Those that can be installed here; `say` is told of each other one. Where none can, all: whoever takes them refuses with the reasons, for a comparison of nothing is no success. */
export function installable(probed: readonly (Probed & { installer: CniInstaller })[], say: (text: string) => void): CniInstaller[] {
  const ready = probed.filter((one) => one.ready)
  if (ready.length === 0) return probed.map(({ installer }) => installer)
  for (const one of probed) if (!one.ready) say(`${one.installer.name} is left out: ${one.reasons.map(({ what, fix }) => `${what} ${fix}`).join(' ')}`)
  return ready.map(({ installer }) => installer)
}

/** A flag with commas as a list; undefined when it was not given. @throws HOP_USAGE when it is empty, or names something twice */
function listOf({ flags }: Pick<CommandContext, 'flags'>, name: string, flag: string): string[] | undefined {
  const given = flags[name]
  if (!Array.isArray(given)) return undefined
  const list = (given as string[]).map((one) => one.trim())
  if (list.includes('')) throw HOP_USAGE({ said: list.length === 1 ? `${flag} names nothing.` : `${flag} has an empty place in its list: "${list.join(',')}".`, fix: flag === '--cni' ? example : 'Write e.g. "--proxy-mode iptables,nftables".' })
  const twice = list.find((one, index) => list.indexOf(one) !== index)
  if (twice !== undefined) throw HOP_USAGE({ said: `${flag} names "${twice}" twice.`, fix: 'Name each once.' })
  return list
}
