import { useOwnEngine } from '@hoplab/images'
import { type CommandContext, printResult } from '../context.ts'
import { folderStore, rememberedLabs } from '../folder-store.ts'
import { providerOf } from '../implementations.ts'
import { lockRun } from '../run-lock.ts'
import { whichLab } from '../which-lab.ts'

/** `hoplab down [--all]` */
export async function run(context: CommandContext): Promise<number> {
  useOwnEngine()
  const { deadline, reporter } = context
  const provider = await providerOf('kind')
  const names = context.flags.all === true
    ? [...new Set([...(await provider.list(deadline)).map((one) => one.name), ...await rememberedLabs()])]
    : [(await whichLab(context)).name]
  for (const name of names) {
    await using _held = await lockRun(name, deadline)
    await provider.clean({ name, deadline, progress: (event) => reporter.hear(event) })
    await folderStore(name).remove()
  }
  printResult(context, { removed: names }, () => (names.length === 0 ? 'Nothing was up.' : `Removed: ${names.join(', ')}.`))
  return 0
}
