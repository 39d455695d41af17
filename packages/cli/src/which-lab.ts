import type { SavedLab } from '@hoplab/model'
import { type CommandContext, textFlag } from './context.ts'
import { HOP_LAB_AMBIGUOUS, HOP_LAB_NAME_INVALID, HOP_NO_LAB_UP } from './errors.ts'
import { folderStore, rememberedLabs } from './folder-store.ts'

/** What may name an instance: kind makes Node names of at most 63 characters from it. */
const instanceName = /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/u

/** The name a new instance gets: `--lab`, else the lab's id. @throws HOP_LAB_NAME_INVALID */
export function nameForNew(context: CommandContext, labId: string): string {
  return checkedName(textFlag(context, 'lab') ?? labId)
}

/** A name that a lab and what it makes may have. @throws HOP_LAB_NAME_INVALID */
export function checkedName(name: string): string {
  if (!instanceName.test(name)) throw HOP_LAB_NAME_INVALID({ name })
  return name
}

/** The lab that is meant: `--lab`, else the only one that is set up. @throws HOP_NO_LAB_UP, HOP_LAB_AMBIGUOUS */
export async function whichLab(context: CommandContext): Promise<SavedLab> {
  const asked = textFlag(context, 'lab')
  if (asked !== undefined) {
    const saved = instanceName.test(asked) ? await folderStore(asked).read() : undefined
    if (!saved) throw HOP_NO_LAB_UP({ asked })
    return saved
  }
  const known = await rememberedLabs()
  const [only] = known
  if (only === undefined) throw HOP_NO_LAB_UP({ asked: undefined })
  if (known.length > 1) throw HOP_LAB_AMBIGUOUS({ up: known })
  const saved = await folderStore(only).read()
  if (!saved) throw HOP_NO_LAB_UP({ asked: undefined })
  return saved
}
