import type { HopError } from '@hoplab/core'
import type { Seeded } from '@hoplab/model'
import { HOP_LAB_ID_DUPLICATE, HOP_LAB_SEED_UNEVEN } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { pointAt, pointAtKey } from './position.ts'

/** Whatever is drawn, every place has something to be filled with, and each name and id means one thing. */
export function seedProblems(lab: LoadedLab): HopError[] {
  const { seed } = lab.file
  if (!seed) return []
  return [
    ...Object.entries(seed.faults).flatMap(([name, faults]) => uneven(lab, name, faults)),
    ...twice(lab, 'name of the seed', namesOf(seed)),
    ...twice(lab, 'fault of the seed', Object.entries(seed.faults).flatMap(([name, faults]) => Object.keys(faults).map((id) => ({ id, path: ['seed', 'faults', name, id] })))),
  ]
}

function uneven(lab: LoadedLab, name: string, faults: Seeded['faults'][string]): HopError[] {
  const [first, ...others] = Object.entries(faults)
  if (!first || others.length === 0) {
    return [HOP_LAB_SEED_UNEVEN({ problem: `"${name}" has one fault only, so nothing is drawn.`, fix: 'Add another one.' }, pointAt(lab, lab.file, ['seed', 'faults', name]))]
  }
  const wanted = Object.keys(first[1].values).toSorted().join(', ')
  return others.filter(([, { values }]) => Object.keys(values).toSorted().join(', ') !== wanted).map(([id]) => HOP_LAB_SEED_UNEVEN(
    { problem: `"${id}" does not have the values of "${first[0]}": ${wanted || 'none'}.`, fix: `Give "${id}" exactly these.` }, pointAtKey(lab, lab.file, ['seed', 'faults', name, id])))
}

type Named = { id: string; path: readonly string[] }

/** Faults of one draw share the names of their values: those of the first count. */
function namesOf(seed: Seeded): Named[] {
  const drawn = Object.entries(seed.faults).flatMap(([name, faults]) => {
    const [id = '', first] = Object.entries(faults)[0] ?? []
    return [{ id: name, path: ['seed', 'faults', name] }, ...Object.keys(first?.values ?? {}).map((key) => ({ id: key, path: ['seed', 'faults', name, id, 'values', key] }))]
  })
  return [...Object.keys(seed.values).map((id) => ({ id, path: ['seed', 'values', id] })), ...drawn]
}

function twice(lab: LoadedLab, sort: string, all: readonly Named[]): HopError[] {
  return all.filter(({ id }, index) => all.findIndex((other) => other.id === id) !== index).map(({ id, path }) => HOP_LAB_ID_DUPLICATE({ sort, id }, pointAtKey(lab, lab.file, path)))
}
