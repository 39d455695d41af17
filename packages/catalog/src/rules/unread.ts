import type { HopError } from '@hoplab/core'
import { HOP_LAB_FILE_UNREAD } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'

/** Every file of the folder has a reader. */
export function unreadProblems(lab: LoadedLab): HopError[] {
  return lab.unread.map((file) => HOP_LAB_FILE_UNREAD({ problem: `Nothing reads "${file}".`, fix: 'Correct its name, name it in steps.yaml, or remove it.' }, { position: { file } }))
}
