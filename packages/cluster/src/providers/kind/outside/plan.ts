import { rangeOf, toAddress } from '../addresses.ts'
import { type NetworkPlan, planOf } from '../network.ts'

/** Ranges of labs' internets: 198.51.100.0/24, which is reserved for documentation (RFC 5737) and looks like any public address, cut into /27. */
export const internetRanges = Array.from({ length: 8 }, (_, index) => `198.51.100.${index * 32}/27`)

/** Addresses on the network beyond the gateway that have a meaning. */
export interface InternetPlan extends NetworkPlan {
  /** The host that Pods ask, beside the engine's own `host`, which nobody uses. */
  server: string
  loadBalancer: string
  /** What the engine gives the gateway's container; `gateway` it takes beside that. */
  gatewayContainer: string
  /** First and last of what the load balancer gives to Services. */
  pool: [string, string]
}

/** Bridge first, then the host and the load balancer; its pool from the ninth on; the gateway last. */
export function internetPlanOf(subnet: string): InternetPlan {
  const { first } = rangeOf(subnet)
  return { ...planOf(subnet), server: toAddress(first + 2), loadBalancer: toAddress(first + 3), gatewayContainer: toAddress(first + 4), pool: [toAddress(first + 8), toAddress(first + 23)] }
}
