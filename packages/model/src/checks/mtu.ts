import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields } from './fields.ts'

/**
 * Packets as large as Pods send them fit into what carries them between nodes: the devices of Pods leave room for what wrapping adds, a packet of
 * exactly that size gets through without being fragmented, and one byte more is refused where it is sent.
 */
export const mtuCheck = z.strictObject({
  kind: z.literal('mtu'), ...checkFields,
  /** The Pods that send; each of them to every Pod of `to` on another node. */
  from: z.strictObject({ pod: podRef }),
  /** The Pods that are sent to; at least one must be on another node than a sender. */
  to: podRef,
})
