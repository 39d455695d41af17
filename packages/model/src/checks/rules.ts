import { z } from 'zod'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/** On every node kube-proxy's rules for a Service lead evenly to exactly its endpoints. */
export const rulesCheck = z.strictObject({
  kind: z.literal('rules'), ...checkFields,
  service: slug,
  namespace: slug.optional(),
  port: z.int().min(1).max(65_535),
  protocol: z.enum(['TCP', 'UDP']).default('TCP'),
})
