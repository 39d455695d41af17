import { z } from 'zod'
import { probeOrigin } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/**
 * A UDP Service keeps answering one socket, by Pods that stand behind it now, and the client's node remembers none of the Service's flows as leading
 * to anybody else. Clients of UDP hold their socket, and the kernel holds its choice as long as they send: also to a Pod that is gone.
 */
export const flowCheck = z.strictObject({
  kind: z.literal('flow'), ...checkFields,
  from: probeOrigin,
  /** A UDP port of a Service, asked at its ClusterIP. */
  to: z.strictObject({ service: slug, namespace: slug.optional(), port: z.int().min(1).max(65_535) }),
  /** Questions from one socket, each of which must be answered. */
  datagrams: z.int().min(2).max(40).default(10),
  /** Seconds from one to the next. */
  every: z.number().min(0).max(1).default(0.1),
})
