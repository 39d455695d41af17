import { z } from 'zod'
import { podRef } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/** A Service's EndpointSlices list exactly the Pods they should, at the ports they should. */
export const endpointsCheck = z.strictObject({
  kind: z.literal('endpoints'), ...checkFields,
  service: slug,
  namespace: slug.optional(),
  /** Only this port of the Service; without it all of its ports. */
  port: z.int().min(1).max(65_535).optional(),
  /** The Pods that must stand behind it, whatever the selector says. Without it those the selector picks. */
  backends: podRef.optional(),
  /** How many Pods must stand behind it; without it one or more. 0 = the Service must have no endpoint. */
  backendCount: z.int().min(0).max(1_000).optional(),
  /** The port of the Pods it must lead to: a number, or a name that each Pod resolves for itself. Without it what the Service's targetPort says. */
  backendPort: z.union([z.int().min(1).max(65_535), z.string().min(1)]).optional(),
  /** Whether slices that no controller keeps up to date are allowed, and may be all there is (a Service without selector). */
  handMade: z.boolean().default(false),
  /** Whether Pods that are not Ready must be listed as well (`publishNotReadyAddresses`). */
  unready: z.boolean().default(false),
})
