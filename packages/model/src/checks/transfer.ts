import { z } from 'zod'
import { checkFields, probed } from './fields.ts'

/** A large body arrives whole in both directions of one connection; small requests that are answered say nothing about large packets. */
export const transferCheck = z.strictObject({
  kind: z.literal('transfer'), ...checkFields, ...probed,
  /** Bytes each way. The default, 1 MiB, fills several hundred packets of the largest size. */
  bytes: z.int().min(2 ** 20).max(2 ** 24).default(2 ** 20),
  /** Fresh connections per address, each of which must carry all of it; to a Service several, because its backends are on different ways. */
  count: z.int().min(1).max(20).default(2),
})
