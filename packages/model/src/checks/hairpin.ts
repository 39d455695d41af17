import { z } from 'zod'
import { podRef, probeTarget } from '../target.ts'
import { checkFields } from './fields.ts'

/** The only backend of a Service reaches itself through it. */
export const hairpinCheck = z.strictObject({
  kind: z.literal('hairpin'), ...checkFields,
  /** The Pod that asks, and must be the one that answers. */
  pod: podRef,
  to: probeTarget,
})
