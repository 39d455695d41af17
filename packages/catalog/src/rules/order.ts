import type { HopError } from '@hoplab/core'
import { HOP_LAB_CYCLE, HOP_LAB_REFERENCE_UNKNOWN } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { nearest } from '../nearest.ts'
import type { Path } from '../source/yaml-file.ts'
import { checksOf, pointAt } from './position.ts'

type Ordered = { id: string; before: readonly string[]; path: Path }

/** What steps come after and what checks need exists, and nothing waits for itself. */
export function orderProblems(lab: LoadedLab): HopError[] {
  const steps = lab.file.steps.map((step, i): Ordered => ({ id: step.id, before: step.after, path: ['steps', i, 'after'] }))
  const checks = checksOf(lab).map(({ check, path }): Ordered => ({ id: check.id, before: check.needs, path: [...path, 'needs'] }))
  return [...unknown(lab, 'step', steps), ...cycles(lab, 'steps', steps), ...unknown(lab, 'check', checks), ...cycles(lab, 'checks', checks)]
}

function unknown(lab: LoadedLab, sort: string, all: readonly Ordered[]): HopError[] {
  const known = all.map(({ id }) => id)
  return all.flatMap(({ before, path }) => before.flatMap((name, i) => known.includes(name) ? [] :
    [HOP_LAB_REFERENCE_UNKNOWN({ sort, name, known, near: nearest(name, known) }, pointAt(lab, lab.file, [...path, i]))]))
}

/** The first circle, as the names on it; pointed at where its first member waits. */
function cycles(lab: LoadedLab, sort: 'steps' | 'checks', all: readonly Ordered[]): HopError[] {
  const byId = new Map(all.map((one) => [one.id, one]))
  const done = new Set<string>()
  const walk = (id: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(id)) return [...way.slice(way.indexOf(id)), id]
    if (done.has(id)) return undefined
    for (const next of byId.get(id)?.before ?? []) {
      const circle = walk(next, [...way, id])
      if (circle) return circle
    }
    done.add(id)
    return undefined
  }
  for (const { id } of all) {
    const cycle = walk(id, [])
    if (cycle) return [HOP_LAB_CYCLE({ sort, cycle }, pointAt(lab, lab.file, byId.get(cycle[0] ?? '')?.path))]
  }
  return []
}
