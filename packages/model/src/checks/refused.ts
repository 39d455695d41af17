import { z } from 'zod'
import { checkFields, probed } from './fields.ts'

/** A connection is refused at once: a Service without endpoints, or a port of a Pod that nobody may reach from outside it. */
export const refusedCheck = z.strictObject({
  kind: z.literal('refused'), ...checkFields, ...probed,
  /** The twin that must be answered at the same time, or a refusal proves nothing. */
  control: z.strictObject(probed),
})
