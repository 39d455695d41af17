import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields } from './fields.ts'

/** Every one of these Pods is reached from every other, and from every node: the network model's first sentence, as a matrix without a gap. */
export const meshCheck = z.strictObject({
  kind: z.literal('mesh'), ...checkFields,
  pods: podRef,
  /** The port that each of them listens on. */
  port: z.int().min(1).max(65_535),
  /** How many such Pods there must be at least; fewer make a matrix that is too small to show anything. */
  podCount: z.int().min(2).max(50),
  /** On how many nodes they must lie at least. */
  nodeCount: z.int().min(1).max(50).default(2),
  /** Whether every node of the cluster asks too, the control plane included. */
  fromNodes: z.boolean().default(true),
})
