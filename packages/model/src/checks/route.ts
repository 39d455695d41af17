import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields, onNodes } from './fields.ts'

/**
 * The way that nodes' kernels would send packets to Pods of other nodes: by the device that this cluster's network wraps packets with (or
 * straight to the other node where it wraps none), with every table on that way leading to the Pod's own node.
 */
export const routeCheck = z.strictObject({
  kind: z.literal('route'), ...checkFields, ...onNodes,
  /** Pods to reach; at least one of them must be on another node than the one that is asked. */
  to: podRef,
})
