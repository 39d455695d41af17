import { z } from 'zod'

/**
 * Ways into and out of a cluster. `internet`: a gateway that hides the nodes behind an address of its own, and one host beyond it. `load-balancer`: what
 * a cloud puts in front of Services of type LoadBalancer. `ingress`: a controller for Ingresses, in Pods of the cluster. The last two need the internet.
 */
export const addonName = z.enum(['internet', 'load-balancer', 'ingress'])
/** See {@link addonName}. */
export type AddonName = z.infer<typeof addonName>
/** Those that are Pods of the cluster, with no machine beside its nodes. */
export const addonsInside: readonly AddonName[] = ['ingress']

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

/** The Ingress controller of the add-on: where it is, the class that it serves, and the NodePorts at which the internet gets to it. */
export const ingressController = { namespace: 'hoplab-ingress', name: 'haproxy-ingress', class: 'haproxy', ports: { http: 30_080, https: 30_443 } } as const

/** Names by which toolboxes of machines beside the nodes are asked for. */
export const outsideMachines = { host: 'internet', gateway: 'gateway', loadBalancer: 'load-balancer' } as const
