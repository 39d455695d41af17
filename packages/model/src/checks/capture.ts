import { z } from 'zod'
import { podRef } from '../target.ts'
import { checkFields } from './fields.ts'

/**
 * What the wire carries while one Pod asks another: how a request and its answer look where they leave and reach a node. Judged are all pairs of
 * one client and one server that are on two nodes; for `nothing` those that are on one. There must be such a pair.
 */
export const captureCheck = z.strictObject({
  kind: z.literal('capture'), ...checkFields,
  from: z.strictObject({ pod: podRef }),
  /** Pods that answer HTTP at this port. */
  to: z.strictObject({ pod: podRef, port: z.int().min(1).max(65_535) }),
  /**
   * `overlay`: only inside this network's own tunnel, with the Pods' addresses in it. `plain`: with the Pods' addresses and no tunnel around them.
   * `nothing`: not at all, for both Pods are on one node. Where a network has no tunnel, `overlay` needs `requires: [overlay]`.
   */
  expect: z.enum(['overlay', 'plain', 'nothing']),
})
