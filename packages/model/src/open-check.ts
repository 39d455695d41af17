import { defineError } from '@hoplab/core'
import { z } from 'zod'
import { checkSpec, type CheckSpec } from './check.ts'
import type { checkFields } from './checks/fields.ts'
import { type LabFile, labKeys, optionsFit, optionsMisfit, rangesFit, rangesMisfit, step, type Step } from './lab.ts'
import { networksFit } from './network-values.ts'

/** The shape of a kind that this package does not know: a strict object with a literal `kind` and all of {@link checkFields}. */
export type CheckSchema = z.ZodObject<{ kind: z.ZodLiteral<string> } & typeof checkFields>

/** What is read of a kind from outside; structurally an `OutsideKind` of `@hoplab/verify`. */
export interface CheckShape<S extends CheckSchema = CheckSchema> { readonly spec: S }

/** A check of any kind, known here or not: what every one has. */
export type AnyCheck = z.output<z.ZodObject<typeof checkFields>> & { kind: string }

/** Two kinds of check have one name. */
export const HOP_CHECK_KIND_TAKEN = defineError<{ kind: string }>('HOP_CHECK_KIND_TAKEN', {
  exitCode: 2,
  what: (p) => `There already is a check kind "${p.kind}".`,
  why: 'A check in lab.yaml names its kind, so each name can mean one kind only; those that come with hoplab cannot be replaced.',
  fix: 'Give your kind another name, e.g. with the name of your project in front, and change "kind" in lab.yaml.',
  state: 'Nothing was checked.',
})

const builtIn = checkSpec.options.map((option) => option.shape.kind.value)

/** Throws `HOP_CHECK_KIND_TAKEN` when a name is one of ours or is given twice. */
export function requireNewKinds(names: readonly string[]): void {
  const taken = names.find((name, index) => builtIn.some((known) => known === name) || names.indexOf(name) !== index)
  if (taken !== undefined) throw HOP_CHECK_KIND_TAKEN({ kind: taken })
}

type CheckWith<K extends CheckShape> = CheckSpec | z.output<K['spec']>

/** Like `checkSpec`, for a tool that also knows these kinds. Throws `HOP_CHECK_KIND_TAKEN`. */
export function checkSpecWith<K extends CheckShape>(kinds: readonly K[]): z.ZodType<CheckWith<K>> {
  requireNewKinds(kinds.map(({ spec }) => spec.shape.kind.value))
  return z.discriminatedUnion('kind', [...checkSpec.options, ...kinds.map(({ spec }) => spec)]) as z.ZodType<CheckWith<K>>
}

/** `lab.yaml` whose checks may be of other kinds too. */
export type LabFileWith<Check> = Omit<LabFile, 'steps'> & { steps: (Omit<Step, 'checks'> & { checks: Check[] })[] }

/** Like `labFile`, for a tool that also knows these kinds. Throws `HOP_CHECK_KIND_TAKEN`. */
export function labFileWith<K extends CheckShape>(kinds: readonly K[]): z.ZodType<LabFileWith<CheckWith<K>>> {
  const checks = z.array(checkSpecWith(kinds)).min(1)
  return labKeys.extend({ steps: z.array(step.extend({ checks })).min(1) }).refine(optionsFit, optionsMisfit).refine(rangesFit, rangesMisfit).superRefine(networksFit) as z.ZodType<LabFileWith<CheckWith<K>>>
}
