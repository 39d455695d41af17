import { z } from 'zod'
import { cniName, imageSource, proxyMode } from './cluster.ts'
import { cniOptions } from './cni-options.ts'
import { checkResult, verdict } from './result.ts'
import { slug } from './text.ts'
import { packetEnds, traceHop } from './trace.ts'

/** Version of the matrix shape; raised when a reader must change. */
export const matrixSchemaVersion = 1

/** One question that is asked of every network, as one of them answered it. */
export const matrixAnswer = z.strictObject({
  id: slug,
  /** The question in a few words, e.g. `Pod to Pod, another node`. */
  title: z.string(),
  /** Of its checks together. */
  verdict,
  /** What decided: of each check that is not as asked, else of all, one sentence. */
  why: z.string(),
  /** Ids of its checks in the column's `checks`. */
  checks: z.array(slug).min(1),
})
/** See {@link matrixAnswer}. */
export type MatrixAnswer = z.infer<typeof matrixAnswer>

/** How one request travelled, from packets that were caught. */
export const matrixWay = z.strictObject({
  id: z.enum(['same-node', 'other-node', 'from-node', 'cluster-ip']),
  /** In a few words, e.g. `Pod to Pod, another node`. */
  title: z.string(),
  /** Devices on the request's way in order. Names of cables differ from run to run: `veth1a2b3c4d`. */
  devices: z.array(traceHop.pick({ where: true, kind: true, name: true, seen: true })),
  /** What left the client's node by its uplink; missing where nothing did. `outer` = what was wrapped around it. */
  wire: z.strictObject({ inner: packetEnds, outer: packetEnds.extend({ vni: z.int().optional() }).optional() }).optional(),
  /** From where the server was asked, at its own end of the connection. */
  source: z.strictObject({
    address: z.string(),
    /** Whose address that is: the client Pod's own, or a device of a node. */
    whose: z.string(),
  }).optional(),
})
/** See {@link matrixWay}. */
export type MatrixWay = z.infer<typeof matrixWay>

/** How a network does what it does, as it was found on its nodes. */
export const matrixFindings = z.strictObject({
  ways: z.array(matrixWay),
  /** Whose addresses a server sees when a node outside the Pods' network asks through another node's NodePort: it depends on where the server is. */
  nodePort: z.strictObject({ from: z.string(), by: z.string(), sources: z.array(z.strictObject({ server: z.enum(['on that node', 'on another node']), whose: z.string() })) }),
  /** Chains of packet filter rules that came to a worker with a policy that denies; none where nobody enforces it there. */
  policyChains: z.array(z.string()),
  /** Bridge that the cable of a Pod is a port of; missing where it is of none. */
  bridge: z.string().optional(),
  /** Device that would wrap packets for nodes of other networks, where one is there: those of a lab share one, so nothing passes it. */
  unusedTunnel: z.string().optional(),
  /** Largest packets in bytes: of a Pod's cable, of the node's uplink, and of the device that wraps packets where there is one. */
  mtu: z.strictObject({ pod: z.int(), uplink: z.int(), tunnel: z.int().optional() }),
  /** Routes of one worker that lead into the Pods' range, as `ip route` prints them. */
  routes: z.strictObject({ node: z.string(), lines: z.array(z.string()) }),
  /** Where the addresses of the Pods of each node come from: Kubernetes's range for the node, and what its Pods have. `network`: that of the node's own address, where theirs are in it too. */
  addresses: z.array(z.strictObject({ node: z.string(), range: z.string(), pods: z.array(z.string()), inRange: z.boolean(), network: z.string().optional() })),
  /** DaemonSet that keeps the nodes' network, and whether it enforces NetworkPolicy. */
  agent: z.strictObject({ name: z.string(), images: z.array(z.string()), enforcesPolicy: z.boolean() }),
  /** Of the worker: kernel and container runtime. */
  kernel: z.string(),
  runtime: z.string(),
})
/** See {@link matrixFindings}. */
export type MatrixFindings = z.infer<typeof matrixFindings>

/** One network in one proxy mode, on one cluster. */
export const matrixColumn = z.strictObject({
  cni: cniName,
  /** What was chosen of its options; missing where it does everything as by default. */
  cniOptions: cniOptions.optional(),
  proxyMode,
  verdict,
  /** Missing where no cluster could be made. */
  kubernetes: z.string().optional(),
  /** When its cluster was begun, ISO 8601. */
  takenAt: z.string(),
  answers: z.array(matrixAnswer),
  findings: matrixFindings.optional(),
  /** What the answers rest on; empty where a result is kept for its answers alone. */
  checks: z.array(checkResult),
  /** Why nothing, or not all, could be asked: our environment failed. */
  error: z.strictObject({ code: z.string(), what: z.string(), why: z.string(), fix: z.string(), evidence: z.string().optional() }).optional(),
  durationMs: z.number(),
})
/** See {@link matrixColumn}. */
export type MatrixColumn = z.infer<typeof matrixColumn>

/** What `hoplab matrix --json` prints: one column per network and proxy mode, each asked the same questions. */
export const matrixResult = z.strictObject({
  schemaVersion: z.literal(matrixSchemaVersion),
  /** When the first cluster was begun, ISO 8601. */
  takenAt: z.string(),
  images: imageSource,
  workers: z.int(),
  verdict,
  columns: z.array(matrixColumn).min(1),
  durationMs: z.number(),
})
/** See {@link matrixResult}. */
export type MatrixResult = z.infer<typeof matrixResult>
