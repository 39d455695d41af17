import { z } from 'zod'
import { podRef } from '../target.ts'
import { probed } from './fields.ts'

/** `reach`: every connection is answered. */
export const reachFields = {
  kind: z.literal('reach'), ...probed,
  /** Fresh connections, all of which must be answered. */
  count: z.int().min(1).max(200).default(5),
}

/** `source`: whose address the server sees. */
export const sourceFields = {
  kind: z.literal('source'), ...probed,
  /**
   * Whose address the server must see: the client Pod's own (`client-pod`), one of the client's node (`client-node`), that of the host outside that asks
   * (`client`), one of the node whose NodePort is asked (`entry-node`), or the load balancer's (`load-balancer`).
   */
  expect: z.enum(['client-pod', 'client-node', 'client', 'entry-node', 'load-balancer']),
}

/** `distribution`: who answers, and how evenly. */
export const distributionFields = {
  kind: z.literal('distribution'), ...probed,
  /** Exactly these Pods must answer, and no other. */
  backends: podRef,
  /** How many such Pods there must be. */
  backendCount: z.int().min(1).max(50),
  /** Fresh connections. The default detects a 3:1 skew of two backends with 99 % power at 1e-6 false alarms. */
  requests: z.int().min(20).max(5_000).default(500),
  /** Pods that the Service selects and that must get none of the requests because they are not Ready: those of this reference that are not, at least one. */
  none: podRef.optional(),
}
