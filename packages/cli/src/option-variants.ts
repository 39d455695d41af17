import type { CniInstaller } from '@hoplab/cni'
import { optionValues } from '@hoplab/model'
import { askedOptions } from './cni-option.ts'
import type { CommandContext } from './context.ts'
import { HOP_USAGE } from './errors.ts'
import { installedCnis, installerOf } from './implementations.ts'

/**
 * These networks, each followed by itself with one of its options for every one that `--cni-option` names, in the order in which they are named: a network
 * as it is by default stands beside what an option makes of it. Nothing is created. @throws HOP_USAGE
 */
export async function withVariants({ flags }: Pick<CommandContext, 'flags'>, installers: readonly CniInstaller[]): Promise<CniInstaller[]> {
  const given = Array.isArray(flags.cniOption) ? (flags.cniOption as string[]).map((one) => one.trim()) : []
  const twice = given.find((one, index) => given.indexOf(one) !== index)
  if (twice !== undefined) throw HOP_USAGE({ said: `--cni-option names "${twice}" twice.`, fix: 'Name each once.' })
  const variants = await Promise.all(given.map((text) => variantOf(text, installers)))
  return installers.flatMap((installer) => [installer, ...variants.filter(({ name }) => name === installer.name)])
}

async function variantOf(text: string, installers: readonly CniInstaller[]): Promise<CniInstaller> {
  const [key = ''] = text.split('=')
  const owner = installedCnis.find((cni) => Object.hasOwn(optionValues(cni), key))
  if (owner === undefined) throw HOP_USAGE({ said: `--cni-option "${text}" names no option of any network.`, fix: 'Write e.g. "--cni-option backend=host-gw".' })
  if (!installers.some(({ name }) => name === owner)) throw HOP_USAGE({ said: `--cni-option "${text}" is an option of ${owner}, which is not compared.`, fix: `Name ${owner} with --cni, or leave the option out.` })
  const installer = await installerOf(owner, askedOptions({ flags: { cniOption: [text] } }, owner))
  if (installer.options === undefined) throw HOP_USAGE({ said: `--cni-option "${text}" is what ${owner} does by default, and that is compared anyway.`, fix: 'Leave it out.' })
  return installer
}
