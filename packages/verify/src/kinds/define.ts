import { defineError, plainLine } from '@hoplab/core'
import { type AnyCheck, type CheckSchema } from '@hoplab/model'
import { z } from 'zod'
import { Broken } from '../probes/broken.ts'
import type { Looking } from './kind.ts'

/** The schema of a check kind cannot be used. */
export const HOP_CHECK_KIND_SCHEMA = defineError<{ kind: string; fault: string }>('HOP_CHECK_KIND_SCHEMA', {
  exitCode: 2,
  what: (p) => `The schema of check kind "${p.kind}" cannot be used: ${p.fault}.`,
  why: 'Checks are read from lab.yaml and kept as JSON: a kind must refuse fields it does not know and mean the same before and after it is read.',
  fix: "Build it as z.strictObject({ kind: z.literal('name'), ...checkFields, … }) of plain fields, without transform or preprocess.",
  state: 'Nothing was checked.',
})

/** A kind of check as its author writes it. */
export interface KindDefinition<S extends CheckSchema> extends Looking<z.output<S>> {
  /** `z.strictObject({ kind: z.literal('its-name'), ...checkFields, … })`: what stands in lab.yaml. */
  spec: S
}

/** A kind of check made by {@link defineCheckKind}: give it to `createVerifier({ kinds })` and `labFileWith`. */
export interface OutsideKind<S extends CheckSchema = CheckSchema> extends Looking<AnyCheck> {
  /** Name, as in `kind:` of lab.yaml. */
  readonly kind: string
  readonly spec: S
}

/**
 * Makes a kind of check that hoplab does not know. `look` gets what the schema says; a check that is not of its shape never reaches it and
 * ends as inconclusive. Throws `HOP_CHECK_KIND_SCHEMA` when the schema is not strict or no plain data.
 */
export function defineCheckKind<S extends CheckSchema>(definition: KindDefinition<S>): OutsideKind<S> {
  const { spec } = definition
  const kind = spec.shape.kind.value
  const fault = schemaFault(spec)
  if (fault !== undefined) throw HOP_CHECK_KIND_SCHEMA({ kind, fault })
  const typed = (check: AnyCheck): z.output<S> => {
    const parsed = spec.safeParse(check)
    if (parsed.success) return parsed.data
    throw new Broken(`The check is not of the shape of kind "${kind}": ${plainLine(z.prettifyError(parsed.error), 300)}`, { hopeless: true })
  }
  return {
    kind, spec,
    look: async (check, round) => definition.look(typed(check), round),
    ...(definition.minHold === undefined ? {} : { minHold: definition.minHold }),
    ...(definition.mustStay === undefined ? {} : { mustStay: definition.mustStay }),
    ...(definition.everyNode === undefined ? {} : { everyNode: definition.everyNode }),
    ...(definition.origins ? { origins: (check: AnyCheck) => definition.origins?.(typed(check)) ?? [] } : {}),
    ...(definition.targets ? { targets: (check: AnyCheck) => definition.targets?.(typed(check)) ?? [] } : {}),
  }
}

function schemaFault(spec: CheckSchema): string | undefined {
  if (!(spec.def.catchall instanceof z.ZodNever)) return 'it lets unknown fields through'
  try {
    // A transform has no JSON Schema: what it makes of a value would be put through it again.
    for (const io of ['input', 'output'] as const) z.toJSONSchema(spec, { io, unrepresentable: 'throw' })
    return undefined
  } catch (thrown) {
    return plainLine(thrown instanceof Error ? thrown.message : String(thrown), 200)
  }
}
