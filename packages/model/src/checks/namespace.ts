import { z } from 'zod'
import { podRef } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/** The containers of each such Pod share one network namespace that is not the node's: the same interfaces, addresses and routes. */
export const namespaceCheck = z.strictObject({
  kind: z.literal('namespace'), ...checkFields,
  pod: podRef,
  /** How many containers must run at least; one alone shares with nobody but the sandbox. */
  containers: z.int().min(1).max(20).default(2),
  /** Whether each container has a process namespace of its own, or all share one (`shareProcessNamespace`). */
  processes: z.enum(['separate', 'shared']).default('separate'),
  /** This container has been restarted, and the network namespace has outlived that. */
  afterRestart: slug.optional(),
})
