import { listLabs } from '@hoplab/catalog/fs'
import { completionScript, type Shell } from '../completion/script.ts'
import type { CommandContext } from '../context.ts'
import { labsRoot } from '../labs-root.ts'

/** `hoplab completion bash|zsh|fish` */
export async function run(context: CommandContext): Promise<number> {
  const labs = (await listLabs(labsRoot())).flatMap((lab) => ('file' in lab ? [lab.file.id] : []))
  context.print(completionScript(context.args[0] as Shell, labs))
  return 0
}
