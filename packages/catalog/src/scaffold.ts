import { type LabFiles, memoryFiles } from './lab-files.ts'
import { findLab, readLabIn } from './find-lab.ts'
import { readText } from './source/text-file.ts'
import { splitTranslation, textHash, translationLine } from './source/translation.ts'

/** The lab that a new one begins as: small, whole, and proven all the time. */
const model = 'first-packet'

/**
 * Files of a new lab, by path below the folder of labs: the first lab under another name, which proves itself as it is and is changed from there on.
 * @param own where the first lab is
 * @param lab the new one's folder (`08-my-lab`) and id (`my-lab`)
 * @throws HOP_LAB_UNKNOWN, or the first problem of the new lab (exit 2)
 */
export async function newLabFiles(own: LabFiles, lab: { folder: string; id: string }): Promise<Record<string, string>> {
  const from = await findLab(own, model)
  const files: Record<string, string> = {}
  for (const path of await own.list(from)) {
    const text = await readText(own, path, { for: 'as the beginning of a new lab' })
    files[`${lab.folder}${path.slice(from.length)}`] = text.replaceAll(model, lab.id)
  }
  files[`${lab.folder}/lab.yaml`] = titled(files[`${lab.folder}/lab.yaml`] ?? '', lab.id)
  for (const [path, text] of Object.entries(files)) if (path.endsWith('.hi-Latn.md')) files[path] = await translated(text, files[path.replace('.hi-Latn.', '.en.')] ?? '')
  await readLabIn(memoryFiles(files), lab.folder)
  return files
}

/** With the name as title: two labs of one title cannot be told apart in lists. */
const titled = (labFile: string, id: string): string => labFile.replace(/^title:\n {2}en: .*\n {2}hi-Latn: .*$/mu, () => `title:\n  en: ${JSON.stringify(id)}\n  hi-Latn: ${JSON.stringify(id)}`)

/** The English text names the lab too, so its hash is another one. */
async function translated(hinglish: string, english: string): Promise<string> {
  return translationLine(await textHash(english)) + splitTranslation(hinglish).text
}
