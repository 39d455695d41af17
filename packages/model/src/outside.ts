import { z } from 'zod'

/**
 * Ways into and out of a cluster, which lie beside its nodes. `internet`: a gateway that hides the nodes behind an address of its own, and one host
 * beyond it. `load-balancer`: what a cloud puts in front of Services of type LoadBalancer; it needs the internet.
 */
export const addonName = z.enum(['internet', 'load-balancer'])
/** See {@link addonName}. */
export type AddonName = z.infer<typeof addonName>

/** Where a lab's ways in and out are. Addresses without prefix length. */
export const outsideFacts = z.strictObject({
  /** The nodes' own network, as CIDR. */
  nodes: z.string(),
  /** The network beyond the gateway, as CIDR. */
  internet: z.string(),
  /** The host there that answers at port 8080, and that asks. */
  host: z.string(),
  /** The gateway's address on either side. Packets that leave the cluster carry the second. */
  gateway: z.strictObject({ inner: z.string(), outer: z.string() }),
  /** Missing where the lab has none. `inner`: from where it asks nodes; `pool`: first and last of the addresses that it gives to Services. */
  loadBalancer: z.strictObject({ inner: z.string(), pool: z.tuple([z.string(), z.string()]) }).optional(),
})
/** See {@link outsideFacts}. */
export type OutsideFacts = z.infer<typeof outsideFacts>

/** Names by which toolboxes of machines beside the nodes are asked for. */
export const outsideMachines = { host: 'internet', gateway: 'gateway', loadBalancer: 'load-balancer' } as const
