import { z } from 'zod'
import { probeOrigin } from '../target.ts'
import { checkFields } from './fields.ts'

/**
 * Requests to the internet leave with two addresses one after the other: their node's as far as the gateway, the gateway's from there on. Seen on the
 * node, at the gateway and by the host that answers.
 */
export const egressCheck = z.strictObject({
  kind: z.literal('egress'), ...checkFields,
  from: probeOrigin,
})
