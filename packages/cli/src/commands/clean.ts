import type { Removed } from '@hoplab/cluster'
import { useOwnEngine } from '@hoplab/images'
import { cleanLabs } from '../clean-labs.ts'
import { type CommandContext, printResult, textFlag } from '../context.ts'
import { providerOf } from '../implementations.ts'

/** `hoplab clean [--all]`; with `--lab` only what belongs to that name. */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const { deadline, reporter, flags } = context
  const { removed, kept } = await cleanLabs(textFlag(context, 'lab'), {
    provider: await providerOf('kind'), all: flags.all === true, deadline, progress: (event) => reporter.hear(event),
  })
  printResult(context, { removed, kept: kept.map(({ name }) => name) }, () => [
    count(removed) === 0 ? 'Nothing was removed.' : `Removed ${removed.containers.length} containers, ${removed.networks.length} networks, ${removed.processes.length} processes, ${removed.folders.length} files and folders.`,
    ...kept.map(({ name, why }) => `Kept "${name}": ${why}`),
    ...(kept.length > 0 && flags.all !== true ? ['"hoplab clean --all" removes labs that are up as well.'] : []),
  ].join('\n'))
  return 0
}

const count = (removed: Removed): number => removed.containers.length + removed.networks.length + removed.processes.length + removed.folders.length
