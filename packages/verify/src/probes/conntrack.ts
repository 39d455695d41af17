/** One direction of a connection. */
export interface Tuple { src: string; sport: number; dst: string; dport: number }

/** One connection as a node's kernel keeps it (`conntrack -L`): the reply tuple tells what address translation made of it. */
export interface Tracked {
  protocol: Protocol
  /** Of TCP: `TIME_WAIT`. Of UDP `UNREPLIED` while nothing came back, else empty. */
  state: string
  original: Tuple
  reply: Tuple
}
/** Protocols whose records are read. */
export type Protocol = 'tcp' | 'udp'

const tuple = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/gu

/** Reads the lines of `conntrack -L -p tcp` or `-p udp`. Any other line is left out: the kernel's list is the only writer of this text. */
export function parseConntrack(text: string): Tracked[] {
  return text.split('\n').flatMap((line) => {
    const protocol = /^(tcp|udp) /u.exec(line)?.[1] as Protocol | undefined
    const [original, reply] = [...line.matchAll(tuple)].map(([, src = '', dst = '', sport, dport]) => ({ src, dst, sport: Number(sport), dport: Number(dport) }))
    if (!protocol || !original || !reply) return []
    const state = (protocol === 'tcp' ? /\b([A-Z][A-Z_]+)\b/u : /\[(UNREPLIED)\]/u).exec(line)?.[1] ?? ''
    return [{ protocol, state, original, reply }]
  })
}

/** One node's list of connections, found by where they were opened from and to. */
export class ConntrackTable {
  readonly entries: readonly Tracked[]
  readonly #byOriginal: ReadonlyMap<string, Tracked>
  readonly #reused: ReadonlySet<string>

  /** @param opened `local remote protocol` of each connection that was opened just before */
  constructor(entries: readonly Tracked[], opened: readonly string[] = []) {
    const seen = new Set<string>()
    this.#reused = new Set(opened.filter((ends) => seen.has(ends) || !seen.add(ends)))
    this.entries = entries
    this.#byOriginal = new Map(entries.map((entry) => [`${entry.original.src}:${entry.original.sport} ${entry.original.dst}:${entry.original.dport} ${entry.protocol}`, entry]))
  }

  /** The entry of a connection opened from `local` to `remote`, both `ip:port`, as this node saw them. */
  entryFor(local: string, remote: string, protocol: Protocol = 'tcp'): Tracked | undefined {
    // A server that closes first frees the client's port at once; a later connection from it takes over the record.
    if (this.wasReused(local, remote, protocol)) return undefined
    return this.#byOriginal.get(`${local} ${remote} ${protocol}`)
  }

  /** Whether more than one of the opened connections had these ends, so that one of them has no record any more. */
  wasReused(local: string, remote: string, protocol: Protocol = 'tcp'): boolean { return this.#reused.has(`${local} ${remote} ${protocol}`) }
}

/** `src:sport → dst:dport, reply …`, for people. */
export function describeTracked({ original, reply }: Tracked): string {
  return `${original.src}:${original.sport} → ${original.dst}:${original.dport}, replies ${reply.src}:${reply.sport} → ${reply.dst}:${reply.dport}`
}
