import type { HopError } from '@hoplab/core'
import type { AddonName, CheckSpec } from '@hoplab/model'
import { HOP_LAB_ADDON_MISSING } from '../errors.ts'
import type { LoadedLab } from '../loaded-lab.ts'
import { checksOf, pointAt } from './position.ts'

/** A lab has the ways in and out that its checks go by, and those that its add-ons stand on. */
export function addonProblems(lab: LoadedLab): HopError[] {
  const { addons } = lab.file
  const lacking = (needed: readonly AddonName[], who: string, path: readonly (string | number)[]): HopError[] => needed.filter((addon) => !addons.includes(addon)).map((addon) =>
    HOP_LAB_ADDON_MISSING({ problem: `${who} needs the add-on "${addon}".`, fix: `Add it: addons: [${[...addons, addon].join(', ')}].` }, pointAt(lab, lab.file, path)))
  return [
    ...(['load-balancer', 'ingress'] as const).flatMap((addon) => (addons.includes(addon) ? lacking(['internet'], `The add-on "${addon}"`, ['addons']) : [])),
    ...checksOf(lab).flatMap(({ check, path }) => lacking(neededBy(check), `The check "${check.id}"`, path)),
  ]
}

/** Add-ons whose machines a check's packets meet, wherever in it they are named. */
function neededBy(check: CheckSpec): AddonName[] {
  const needed = new Set<AddonName>(check.kind === 'egress' ? ['internet'] : check.kind === 'ingress' ? ['internet', 'ingress'] : [])
  const search = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    if ('outside' in value) needed.add('internet')
    if ('via' in value && value.via === 'load-balancer') needed.add('load-balancer')
    for (const inner of Object.values(value)) search(inner)
  }
  search(check)
  return [...needed]
}
