/** One direction of a connection. */
export interface Tuple { src: string; sport: number; dst: string; dport: number }

/** One connection as a node's kernel keeps it (`conntrack -L`): the reply tuple tells what address translation made of it. */
export interface Tracked { state: string; original: Tuple; reply: Tuple }

const tuple = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/gu

/** Reads the lines of `conntrack -L -p tcp`. A line that is no TCP entry is left out: the kernel's list is the only writer of this text. */
export function parseConntrack(text: string): Tracked[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('tcp')) return []
    const [original, reply] = [...line.matchAll(tuple)].map(([, src = '', dst = '', sport, dport]) => ({ src, dst, sport: Number(sport), dport: Number(dport) }))
    if (!original || !reply) return []
    const state = /\b([A-Z][A-Z_]+)\b/u.exec(line)?.[1] ?? ''
    return [{ state, original, reply }]
  })
}

/** One node's list of connections, found by where they were opened from and to. */
export class ConntrackTable {
  readonly #byOriginal: ReadonlyMap<string, Tracked>
  readonly #reused: ReadonlySet<string>

  /** @param opened `local remote` of each connection that was opened just before */
  constructor(entries: readonly Tracked[], opened: readonly string[] = []) {
    this.#reused = new Set(opened.filter((ends, index) => opened.indexOf(ends) !== index))
    this.#byOriginal = new Map(entries.map((entry) => [`${entry.original.src}:${entry.original.sport} ${entry.original.dst}:${entry.original.dport}`, entry]))
  }

  /** The entry of a connection opened from `local` to `remote`, both `ip:port`, as this node saw them. */
  entryFor(local: string, remote: string): Tracked | undefined {
    // A server that closes first frees the client's port at once; a later connection from it takes over the record.
    if (this.wasReused(local, remote)) return undefined
    return this.#byOriginal.get(`${local} ${remote}`)
  }

  /** Whether more than one of the opened connections had these ends, so that one of them has no record any more. */
  wasReused(local: string, remote: string): boolean { return this.#reused.has(`${local} ${remote}`) }
}

/** `src:sport → dst:dport, reply …`, for people. */
export function describeTracked({ original, reply }: Tracked): string {
  return `${original.src}:${original.sport} → ${original.dst}:${original.dport}, replies ${reply.src}:${reply.sport} → ${reply.dst}:${reply.dport}`
}
