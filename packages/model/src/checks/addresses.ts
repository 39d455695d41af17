import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields } from './fields.ts'

/**
 * The cluster's addresses are in order: no two running Pods share one, each is from the pool of its node or of the plugin, and Pods, Services and
 * nodes do not overlap. With `pods`: each of these has the same address in its own eyes, in its status and in the eyes of a peer.
 */
export const addressesCheck = z.strictObject({
  kind: z.literal('addresses'), ...checkFields,
  /** Pods whose own view is compared with what a peer on another node is asked from. */
  pods: podRef.optional(),
})
