import { z } from 'zod'

/** Version of the trace shape; raised when a reader must change. */
export const traceSchemaVersion = 1

/** The two ends a packet names, each `ip:port`. */
export const packetEnds = z.strictObject({ from: z.string(), to: z.string() })
/** See {@link packetEnds}. */
export type PacketEnds = z.infer<typeof packetEnds>

/** One place the request or its answer passed, or must have passed. */
export const traceHop = z.strictObject({
  /** `request`: from the client to the server. `reply`: the way back. */
  direction: z.enum(['request', 'reply']),
  kind: z.enum([
    /** The name that the client looks up. */ 'name',
    /** Where the connection is opened. */ 'client',
    /** End of a cable between a Pod and its node. */ 'veth',
    /** Linux bridge that Pods of one node are attached to. */ 'bridge',
    /** Rule that chooses an endpoint of the Service and writes its address into the packet. */ 'service',
    /** The kernel's record of the connection. */ 'conntrack',
    /** Rule that writes another source address into the packet. */ 'masquerade',
    /** Device that wraps packets into others. */ 'tunnel',
    /** Device that leads to other nodes. */ 'uplink',
    /** Any other device. */ 'device',
    /** Where the connection arrives. */ 'server',
    /** Somebody refuses the packet. */ 'refusal',
  ]),
  /** `worker-1`, or `Pod first-packet/client` inside a Pod's own network. */
  where: z.string(),
  /** Name of the device, chain or record, e.g. `cni0`, `KUBE-SVC-…`. */
  name: z.string(),
  /** How this is known. `captured`: the packet was caught there. `tracked`: conntrack's record of this connection. `told`: by the program at that end.
   *  `inferred`: it was not seen there, but must have passed. */
  seen: z.enum(['captured', 'tracked', 'told', 'inferred']),
  /** Addresses when it came. */
  before: packetEnds.optional(),
  /** Addresses when it went; the same as `before` where nothing was changed. */
  after: packetEnds.optional(),
  /** Outside of the wrapped packet, where one is around it; `vni` where that is VXLAN. */
  outer: packetEnds.extend({ vni: z.int().optional() }).optional(),
  /** One sentence: what happened here. */
  what: z.string(),
})
/** See {@link traceHop}. */
export type TraceHop = z.infer<typeof traceHop>

/** Where a path ends that should not. */
export const brokenHop = z.strictObject({
  /** First place where the packet was missing or changed; the same words as a check's `firstBrokenHop`. */
  hop: z.string(),
  /** The object, rule or route that decided, and how that is known. */
  decidedBy: z.string(),
  /** How to look oneself. */
  command: z.string().optional(),
  /** Only where the packet was last seen tells the place: nothing was found there that would lose it. */
  inferred: z.literal(true).optional(),
})
/** See {@link brokenHop}. */
export type BrokenHop = z.infer<typeof brokenHop>

/** One request, hop by hop. What `hoplab trace --json` prints. */
export const traceResult = z.strictObject({
  schemaVersion: z.literal(traceSchemaVersion),
  /** Where it started, e.g. `Pod first-packet/client` on `worker-1`. */
  from: z.strictObject({ name: z.string(), node: z.string() }),
  /** What was asked, and the address that was dialled. */
  to: z.strictObject({ name: z.string(), address: z.string() }),
  /** Sent as `X-Hoplab-Nonce`: what makes this request differ from all others. */
  nonce: z.string(),
  outcome: z.strictObject({
    class: z.enum(['OK', 'REFUSED', 'TIMEOUT', 'UNREACHABLE', 'DNS', 'RESET']),
    /** HTTP status, where something answered in HTTP. */
    status: z.int().optional(),
    /** One sentence. */
    what: z.string(),
  }),
  hops: z.array(traceHop),
  /** Missing when the request was answered. */
  firstBroken: brokenHop.optional(),
  /** Where packets were caught. A capture that did not catch its own control packets before and after the request proves nothing. */
  captures: z.array(z.strictObject({ where: z.string(), proven: z.boolean(), packets: z.int() })),
  /** Name of the file with the packets, with `--pcap`. */
  pcap: z.string().optional(),
  durationMs: z.number(),
})
/** See {@link traceResult}. */
export type TraceResult = z.infer<typeof traceResult>
