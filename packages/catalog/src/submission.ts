import { plainLine } from '@hoplab/core'
import { HOP_LAB_FILE_MISSING } from './errors.ts'
import type { LabFiles } from './lab-files.ts'
import type { LoadedCase, LoadedLab } from './loaded-lab.ts'
import { noPlaces } from './seed/places.ts'
import { readMaterial } from './read/case.ts'
import { submissionProblems } from './lint.ts'

/**
 * What a learner handed in, in the format of a solution: `manifests/`, `kustomization.yaml` or `steps.yaml`, and `answers.yaml`.
 * @param folder its folder in `files`
 * @throws HOP_LAB_FILE_MISSING when there is no such folder, else the first problem of its files (exit 2, positioned)
 */
export async function readSubmission(files: LabFiles, folder: string, lab: LoadedLab): Promise<LoadedCase> {
  const shown = files.shown(folder)
  if ((await files.list(folder)).length === 0) throw HOP_LAB_FILE_MISSING({ file: shown, neededFor: 'as the submission' }, { position: { file: shown } })
  const title = plainLine(folder.split('/').at(-1) ?? folder, 80)
  const reading = { files, sources: lab.sources, places: noPlaces, defaultNamespace: lab.file.namespaces[0] ?? 'default' }
  const submission = await readMaterial(folder, { en: title, 'hi-Latn': title }, reading)
  const [problem] = submissionProblems(lab, submission)
  if (problem) throw problem
  return submission
}
