import type { ConntrackTable, Tracked } from '../probes/conntrack.ts'
import type { Round } from '../round.ts'
import type { Answer } from './answer.ts'
import { ipOf } from './address.ts'
import type { Exchange } from './exchange.ts'

/** The client's address as each witness saw it. */
export interface SourceSeen {
  answer: Answer
  /** In the words of a trusted server. */
  byServer: string | undefined
  /** By the kernel: last node on the way that keeps a record. */
  byKernel: { address: string; node: string; entry: Tracked } | undefined
}

/** Reads from the kernels of the client's and the servers' nodes which source address each answered connection arrived with. */
export async function sourcesSeen(round: Round, done: Exchange): Promise<SourceSeen[]> {
  const entry = done.destination.entry ?? done.origin.node
  const serverNodes = done.answers.flatMap(({ pod }) => pod?.spec?.nodeName ?? []).filter((node) => node !== entry)
  const tables = new Map(await Promise.all([...new Set(serverNodes)].map(async (node) => [node, await round.batcher.conntrack(node)] as const)))
  return done.answers.filter(({ connection }) => connection.class === 'OK').map((answer) => ({
    answer,
    byServer: answer.trusted && answer.connection.server ? ipOf(answer.connection.server.remote) : undefined,
    byKernel: kernelView(answer, entry, tables),
  }))
}

/**
 * The reply tuple on the node that chose the endpoint, the client's but for a NodePort, tells what the connection looked like when it left it; on the server's node that is the original tuple
 * of another entry, whose reply tuple in turn tells what it looked like when it arrived. Both may translate.
 */
function kernelView(answer: Answer, entry: string, tables: ReadonlyMap<string, ConntrackTable>): SourceSeen['byKernel'] {
  // Another connection had the same ends: whose record is left, nobody can tell.
  if (answer.overwritten) return undefined
  const serverNode = answer.pod?.spec?.nodeName
  const left = answer.tracked?.reply ?? untranslated(answer)
  const arrived = serverNode === undefined || serverNode === entry || !left ? undefined
    : tables.get(serverNode)?.entryFor(`${left.dst}:${left.dport}`, `${left.src}:${left.sport}`)
  if (arrived && serverNode !== undefined) return { address: arrived.reply.dst, node: serverNode, entry: arrived }
  return answer.tracked && { address: answer.tracked.reply.dst, node: entry, entry: answer.tracked }
}

/** Where the client's node keeps no record, the connection may still have left as it was opened. */
function untranslated({ connection, dialled }: Answer): { src: string; sport: string; dst: string; dport: string } | undefined {
  const [, dst, dport] = /^(.*):(\d+)$/u.exec(connection.local ?? '') ?? []
  const [, src, sport] = /^(.*):(\d+)$/u.exec(dialled) ?? []
  return dst !== undefined && dport !== undefined && src !== undefined && sport !== undefined ? { src, sport, dst, dport } : undefined
}
