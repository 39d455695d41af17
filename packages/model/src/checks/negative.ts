import { z } from 'zod'
import { distributionFields, reachFields, sourceFields } from './core.ts'
import { checkFields } from './fields.ts'

const core = z.discriminatedUnion('kind', [z.strictObject(reachFields), z.strictObject(sourceFields), z.strictObject(distributionFields)])

/** A core check repeated with something known to be broken must go red, or its passes prove nothing. */
export const negativeCheck = z.strictObject({
  kind: z.literal('negative'), ...checkFields,
  /** The check with what is broken in it, e.g. a `reach` to an address nobody has. */
  broken: core,
  /** The same check in order; it must be green at the same time, so that only what was broken makes the difference. */
  control: core,
})
