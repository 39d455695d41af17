import { z } from 'zod'
import { podRef } from '../target.ts'
import { slug } from '../text.ts'
import { checkFields } from './fields.ts'

/**
 * Containers of one Pod reach each other at 127.0.0.1: each of these ports is answered there, over HTTP, by a container of the Pod, and no two of
 * them by the same one. Containers share one set of ports, so a port says which container is meant.
 */
export const localhostCheck = z.strictObject({
  kind: z.literal('localhost'), ...checkFields,
  pod: podRef,
  /** Ports, each of another container; `container` = of this one. */
  listeners: z.array(z.strictObject({ port: z.int().min(1).max(65_535), container: slug.optional() })).min(1).max(10),
})
