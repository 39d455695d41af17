import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFiles, listLabs } from '@hoplab/catalog/fs'
import { newLabFiles } from '@hoplab/catalog'
import { writeWhole } from '@hoplab/core/node'
import { type CommandContext, printResult } from '../context.ts'
import { HOP_LAB_EXISTS } from '../errors.ts'
import { labsRoot, ownLabs } from '../labs-root.ts'
import { checkedName } from '../which-lab.ts'

/** `hoplab new lab NAME` */
export async function run(context: CommandContext): Promise<number> {
  const id = checkedName(context.args[1] ?? '')
  const root = labsRoot()
  const known = await listLabs(root)
  const taken = known.find(({ folder }) => folder.slice(3) === id)
  if (taken) throw HOP_LAB_EXISTS({ id, folder: join(root, taken.folder) })
  const number = Math.max(-1, ...known.map((lab) => lab.number)) + 1
  const folder = `${String(number).padStart(2, '0')}-${id}`
  const files = await newLabFiles(diskFiles(ownLabs), { folder, id })
  await writeAll(root, folder, files)
  const path = join(root, folder)
  printResult(context, { lab: id, folder: path, files: Object.keys(files).length }, () => [
    `${path} is a whole lab of ${Object.keys(files).length} files: the first lab under your name. "hoplab prove ${id}" proves it as it is.`,
    'Change it piece by piece and prove it again; labs/README.md tells what each file says, "pnpm lint" what is wrong.',
  ].join('\n'))
  return 0
}

/** The whole folder or nothing: `listLabs` passes over a name like the one it has meanwhile. */
async function writeAll(root: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const half = join(root, `.new-${folder}-${process.pid}`)
  try {
    for (const [path, text] of Object.entries(files)) await writeWhole(join(half, path), text, 0o644)
    await rename(join(half, folder), join(root, folder))
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}
