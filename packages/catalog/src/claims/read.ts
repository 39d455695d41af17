import { type ClaimsFile, claimsFile } from '@hoplab/model'
import { listLabs, readLabIn } from '../find-lab.ts'
import type { LabFiles } from '../lab-files.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { readDocument } from '../read/case.ts'
import { readText } from '../source/text-file.ts'
import { typed } from '../source/typed-file.ts'
import { lintClaims } from './lint.ts'
import type { LoadedClaims } from './loaded-claims.ts'

/** `claims.yaml` and `notes.txt` at the root; rules are not looked at yet. @throws the first problem of either file */
export async function readClaimsFile(files: LabFiles): Promise<LoadedClaims> {
  const document = await readDocument('claims.yaml', { files }, 'to tell what proves the notes')
  const file = typed(claimsFile, document)
  return { file, document, notes: await readText(files, 'notes.txt', { for: 'as the notes that claims.yaml quotes' }), notesFile: files.shown('notes.txt') }
}

/** The claims with every rule kept, and all labs. @throws the first problem of a lab or of the claims (exit 2, positioned) */
export async function readClaims(files: LabFiles): Promise<{ claims: ClaimsFile; labs: LoadedLab[] }> {
  const loaded = await readClaimsFile(files)
  const labs: LoadedLab[] = []
  for (const { folder } of await listLabs(files)) labs.push(await readLabIn(files, folder))
  const [problem] = lintClaims(loaded, labs)
  if (problem) throw problem
  return { claims: loaded.file, labs }
}
