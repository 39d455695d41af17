import type { RunningCluster } from '@hoplab/cluster'
import type { AddonName } from '@hoplab/model'
import { HOP_WAY_MISSING } from '../errors.ts'

/** Ways in that can be opened, with the add-on that each is. */
export const ways = { lb: 'load-balancer', ingress: 'ingress' } as const satisfies Record<string, AddonName>
/** See {@link ways}. */
export type Way = keyof typeof ways

/** What of a cluster is looked at to open it. */
export type OpenedCluster = Pick<RunningCluster, 'kube' | 'nodes' | 'spec'>

/** Where a way in begins, as the lab's host on the internet reaches it, and what to tell of it. */
export interface WayIn {
  /** `ip:port`, for what does not begin with TLS. */
  to: string
  /** The same for what does. @default `to`, whatever it begins with */
  tls?: string
  /** The result as data. @param port on 127.0.0.1 */
  facts(port: number): object
  /** The same for people. */
  text(port: number): string
}

/** @throws HOP_WAY_MISSING where the lab was made without that add-on */
export function requireWay(way: Way, lab: string, { spec }: OpenedCluster): void {
  if (!spec.addons?.includes(ways[way])) throw HOP_WAY_MISSING({ lab, addon: ways[way], has: spec.addons ?? [] })
}
