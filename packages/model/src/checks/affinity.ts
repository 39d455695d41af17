import { z } from 'zod'
import { checkFields, probed } from './fields.ts'

/** The same client is always answered by the same one of several backends. */
export const affinityCheck = z.strictObject({ kind: z.literal('affinity'), ...checkFields, ...probed })
