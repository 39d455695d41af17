import type { ConntrackTable } from '../probes/conntrack.ts'

/** What is asked of a node's records. */
export type Records = Pick<ConntrackTable, 'entryFor' | 'wasReused'>

/**
 * Records of connections to a NodePort of another node, asked from where they were opened. The client's node knows only the node that was dialled;
 * that node's own record tells the endpoint. It finds the connection by what the client's node made of its source.
 */
export function recordsThrough(own: Records, atEntry: Records): Records {
  const left: Records['entryFor'] = (local, remote, protocol) => own.entryFor(local, remote, protocol)
  const asSeen = (...[local, remote, protocol]: Parameters<Records['entryFor']>): string => {
    const record = left(local, remote, protocol)
    return record ? `${record.reply.dst}:${record.reply.dport}` : local
  }
  return {
    entryFor: (local, remote, protocol) => (own.wasReused(local, remote, protocol) ? undefined : atEntry.entryFor(asSeen(local, remote, protocol), remote, protocol)),
    wasReused: (local, remote, protocol) => own.wasReused(local, remote, protocol),
  }
}
