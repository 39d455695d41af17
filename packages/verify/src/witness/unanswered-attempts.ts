import { parseConntrack, type Tracked } from '../probes/conntrack.ts'
import { textOfList } from '../probes/readings.ts'
import type { Round } from '../round.ts'

/** A connection that was begun and that nobody has answered, as a node's kernel keeps it until `secondsLeft` are over. */
export interface Attempt extends Tracked { secondsLeft: number }

/** Attempts of one node to reach one address, by the address and port they come from. */
export type Attempts = ReadonlyMap<string, Attempt>

/**
 * Attempts that a node's kernel keeps, for 120 s after they were begun (net.netfilter.nf_conntrack_tcp_timeout_syn_sent). Address translation is decided
 * with the first packet of a record, so a request that happens to come from the same port meanwhile is sent as that one was, whatever the rules are by now;
 * the record is neither another one then nor kept for longer (both seen here, with curl --local-port).
 */
export async function unansweredAttempts(round: Round, node: string, to: string): Promise<Attempts> {
  const reading = await round.readings.of(node, ['conntrack', '-L', '-p', 'tcp', '--state', 'SYN_SENT', '--orig-dst', to])
  const lines = textOfList(reading, `Connections of ${node} that nobody answers`).split('\n')
  return new Map(lines.flatMap((line): [string, Attempt][] => {
    const [record] = parseConntrack(line)
    if (record?.state !== 'SYN_SENT' || record.original.dst !== to) return []
    return [[`${record.original.src}:${record.original.sport}`, { ...record, secondsLeft: Number(/^tcp\s+\d+\s+(\d+) /u.exec(line)?.[1] ?? 0) }]]
  }))
}
