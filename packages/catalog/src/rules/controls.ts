import type { HopError } from '@hoplab/core'
import type { CheckSpec } from '@hoplab/model'
import { HOP_LAB_CHECK_UNCONTROLLED } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { checksOf, pointAt } from './position.ts'

/** An `ingress` check by which nobody answers has a control: a path of its own, or of an `ingress` check that it needs, by which somebody does. */
export function controlProblems(lab: LoadedLab): HopError[] {
  const all = checksOf(lab)
  const served = all.flatMap(({ check }) => (serves(check) ? [check.id] : []))
  return all.filter(({ check }) => check.kind === 'ingress' && !serves(check) && !check.needs.some((id) => served.includes(id))).map(({ check, path }) => HOP_LAB_CHECK_UNCONTROLLED(
    { problem: `The check "${check.id}" asks the Ingress controller only for what nobody serves.`, fix: `Add a path with a service, or the "ingress" check of one under "needs"${served.length > 0 ? `: ${served.join(', ')}` : ''}.` },
    pointAt(lab, lab.file, [...path, 'paths'])))
}

const serves = (check: CheckSpec): boolean => check.kind === 'ingress' && check.paths.some(({ service }) => service !== undefined)
