import type { HopError } from '@hoplab/core'
import { HOP_LAB_ID_DUPLICATE, HOP_LAB_VALUE_INVALID } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import type { Path } from '../source/yaml-file.ts'
import { checksOf, pointAt } from './position.ts'

type Named = { id: string; path: Path }

/** Names are unique, and the folder is called after the lab. */
export function identityProblems(lab: LoadedLab): HopError[] {
  const { steps } = lab.file
  const questions = steps.flatMap((step, i) => step.questions.map((question, j) => ({ id: question.key, path: ['steps', i, 'questions', j, 'key'] })))
  return [
    ...folderName(lab),
    ...duplicates(lab, 'step', steps.map((step, i) => ({ id: step.id, path: ['steps', i, 'id'] }))),
    ...duplicates(lab, 'step text', steps.map((step, i) => ({ id: step.text, path: ['steps', i, 'text'] }))),
    ...duplicates(lab, 'check', checksOf(lab).map(({ check, path }) => ({ id: check.id, path: [...path, 'id'] }))),
    ...duplicates(lab, 'question', questions),
    ...duplicates(lab, 'namespace', lab.file.namespaces.map((id, i) => ({ id, path: ['namespaces', i] }))),
    ...numbers(lab),
  ]
}

function duplicates(lab: LoadedLab, sort: string, all: readonly Named[]): HopError[] {
  const seen = new Set<string>()
  return all.filter(({ id }) => seen.size === seen.add(id).size)
    .map(({ id, path }) => HOP_LAB_ID_DUPLICATE({ sort, id }, pointAt(lab, lab.file, path)))
}

/** Cases and faults of one sort are called by their number too. */
function numbers(lab: LoadedLab): HopError[] {
  return ([['solution', lab.solutions], ['near-miss', lab.nearMisses], ['fault', lab.faults]] as const).flatMap(([sort, all]) =>
    all.filter((one, i) => all.findIndex((other) => other.n === one.n) !== i)
      .map((one) => HOP_LAB_ID_DUPLICATE({ sort: `${sort} number`, id: String(one.n) }, pointAt(lab, one))))
}

function folderName(lab: LoadedLab): HopError[] {
  const expected = lab.folder.replace(/^\d\d-/u, '')
  return lab.file.id === expected ? [] : [HOP_LAB_VALUE_INVALID(
    { file: `${lab.folder}/lab.yaml`, field: 'id', problem: `must be "${expected}", like its folder "${lab.folder}"` }, pointAt(lab, lab.file, ['id']))]
}
