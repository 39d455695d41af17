import type { Language, LabFile } from '@hoplab/model'
import type { PlacedCheck } from '@hoplab/verify'
import { HOP_NAME_UNKNOWN } from './errors.ts'

/** Every check of the lab with its step, in the lab's order. */
export function placedChecks(lab: LabFile, language: Language): PlacedCheck[] {
  return lab.steps.flatMap((step) =>
    step.checks.map((spec) => ({ step: step.id, title: spec.title[language], spec })))
}

/** Which checks are meant: those of one step, or some by id. Neither: all. */
export interface Chosen { step?: string; checks?: readonly string[] }

/** The chosen checks and those they need. @throws HOP_NAME_UNKNOWN */
export function checksFor(lab: LabFile, { step, checks }: Chosen, language: Language): PlacedCheck[] {
  const all = placedChecks(lab, language)
  if (step === undefined && checks === undefined) return all
  const unknown = checks?.find((id) => !all.some(({ spec }) => spec.id === id))
  if (unknown !== undefined) throw HOP_NAME_UNKNOWN({ sort: 'check', name: unknown, known: all.map(({ spec }) => spec.id) })
  const wanted = new Set(checks ?? all.filter((check) => check.step === stepOf(lab, step ?? '').id).map((check) => check.spec.id))
  for (let before = -1; before !== wanted.size;) {
    before = wanted.size
    for (const check of all) if (wanted.has(check.spec.id)) for (const need of check.spec.needs) wanted.add(need)
  }
  return all.filter((check) => wanted.has(check.spec.id))
}

/** A step by id or by its number from 1. @throws HOP_NAME_UNKNOWN */
export function stepOf(lab: LabFile, idOrNumber: string): LabFile['steps'][number] {
  const found = lab.steps.find((step) => step.id === idOrNumber) ?? (/^\d+$/u.test(idOrNumber) ? lab.steps[Number(idOrNumber) - 1] : undefined)
  if (!found) throw HOP_NAME_UNKNOWN({ sort: 'step', name: idOrNumber, known: lab.steps.map((step) => step.id) })
  return found
}

/** A case or fault by folder name, by its number, or by its name without the number. @throws HOP_NAME_UNKNOWN */
export function byName<T extends { name: string }>(all: readonly T[], name: string, sort: string): T {
  const found = all.find((one) => one.name === name || one.name.split('-')[0] === name || one.name.replace(/^\d+-/u, '') === name)
  if (!found) throw HOP_NAME_UNKNOWN({ sort, name, known: all.map((one) => one.name) })
  return found
}
