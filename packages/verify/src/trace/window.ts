import { Broken } from '../probes/broken.ts'
import { parseConntrack, type Tracked } from '../probes/conntrack.ts'
import type { Round } from '../round.ts'
import { captureFilter } from './filter.ts'
import type { Asked } from './goal.ts'
import { type Identity, newIdentity, portsPerTrace } from './identity.ts'
import { type Capture, captureOf, type Marks, type Tunnel } from './node/captured.ts'
import type { ScriptOutput } from './node/read-lines.ts'
import { runScript } from './node/run-script.ts'
import { askScript, beginScript, finishScript } from './node/scripts.ts'
import { readRules, type Risen, risen, type Rule } from './rules/iptables.ts'

/** Most Pods whose own network is captured in: behind a Service may be hundreds. */
const mostPods = 6
/** Captures end by themselves after this many seconds, whatever becomes of us. */
const captureSeconds = 30
/**
 * What a capture holds: bytes of each packet (outer and inner headers, and the beginning of a request with its nonce), memory for what waits to be
 * written, KiB, and packets in all. Where one may hold several, all of it, as long as a network of 1500 bytes lets it be; the filter lets more of them
 * through then. Measured on Weave beside other checks: of 9000 bytes in tcpdump's own 2 MiB 51 packets were lost, and 4000 did not last for one request.
 */
const held = { one: ['512', '2048', '4000'], several: ['1600', '16384', '20000'] } as const
/** Ports of one attempt, in case one of them is taken. */
const portsEach = 4

/** What one node's kernel kept while the request was on its way. */
export interface NodeState {
  rules: readonly Rule[]
  /** kube-proxy's own table as JSON, in nftables mode; empty otherwise. */
  table: string
  /** As listed, for what is no rule. */
  listing: string
  risen: readonly Risen[]
  tracked: readonly Tracked[]
  /** Packets dropped because their source does not lead back where they came from (rp_filter). */
  strayed: number
}

/** How an attempt ended, in curl's words. */
export interface Attempt { ports: readonly number[]; nonce: string; status: number; exitCode: number; body: string }

/** Everything that was seen while requests were on their way. */
export interface Seen {
  captures: readonly Capture[]
  nodes: ReadonlyMap<string, NodeState>
  attempts: readonly Attempt[]
  /** How the requests beside them ended, in the order in which they were asked for. */
  beside: readonly Attempt[]
}

/** Requests of another Pod on the client's node in the same window: what shows that a capture would catch what passes it. */
export interface Beside { podUid: string; urls: readonly string[] }

interface Places { node: string; places: string[] }

/**
 * Sends `attempts` requests at the same time and watches them: captures on every node that may be involved and in both ends' own networks begin
 * before, and each catches a control packet of ours before the first and after the last request.
 * @param boundMs longest wait for an answer
 * @throws Broken when a toolbox or one of its programs fails
 */
export async function watchRequests(round: Round, asked: Asked, options: { attempts: number; boundMs: number; identity?: Identity; beside?: Beside }): Promise<Seen> {
  const { origin, goal } = asked
  const { id, own } = options.identity ?? newIdentity()
  const marks: Marks = { first: own + portsPerTrace - 2, last: own + portsPerTrace - 1, tunnel: tunnelOf(round) }
  const sites = placesOf(round, asked)
  const filter = captureFilter({ own: [own, marks.last], to: portsOf(goal), tunnel: marks.tunnel })
  const everywhere = (script: string, argsOf: (site: Places) => string[]): Promise<ScriptOutput[]> => Promise.all(sites.map((site) => runScript(round, site.node, script, [id, ...argsOf(site)])))
  const before = await everywhere(beginScript, ({ places }) => [String(captureSeconds), filter, String(marks.first), ...held[marks.tunnel?.kind === 'udp' ? 'several' : 'one'], ...places])
  const askings = askingsOf(asked, { id, own }, options)
  const ports = Array.from({ length: askings.reduce((sum, { urls }) => sum + urls.length, 0) * portsEach }, (_, index) => own + index)
  const finish = (): Promise<ScriptOutput[]> => everywhere(finishScript, ({ places }) => [String(marks.last), ports.join('|'), ...places])
  let attempts: Attempt[][]
  try {
    attempts = await Promise.all(askings.map(async (asking) => attemptsIn(await runScript(round, origin.node, askScript, [id, ...askArguments(asking, options.boundMs)]), asking)))
  } catch (thrown) {
    await finish().catch(() => undefined)
    throw thrown
  }
  const after = await finish()
  return {
    attempts: attempts[0] ?? [], beside: attempts[1] ?? [],
    captures: sites.flatMap(({ node, places }, index) => places.map((place) => captureOf(outputAt(after, index), { place, node }, marks))),
    nodes: new Map(sites.map(({ node }, index) => [node, nodeState(outputAt(before, index), outputAt(after, index))])),
  }
}

const outputAt = (outputs: readonly ScriptOutput[], index: number): ScriptOutput => {
  const output = outputs[index]
  if (!output) throw new Broken('A node said nothing about the trace.', { hopeless: false })
  return output
}

/** The tunnel of this network, where what is inside can be read. */
function tunnelOf({ view: { networkFacts: { overlay } } }: Round): Tunnel | undefined {
  const { kind, port, encrypted = false } = overlay ?? {}
  return port === undefined || kind === undefined || kind === 'ipip' || encrypted ? undefined : { kind, port }
}

const portsOf = ({ port, endpoints }: Asked['goal']): number[] => [...new Set([port, ...endpoints.flatMap((endpoint) => endpoint.port ?? [])])].slice(0, 6)

/** The client's node and those of all endpoints, of which a slice need not say the node (that of default/kubernetes does not); in each the node itself and the Pods that are one of the ends. */
function placesOf(round: Round, { origin, goal }: Asked): Places[] {
  const pods = round.snapshot.pods.filter((pod) => pod.spec?.hostNetwork !== true && goal.endpoints.some(({ ip }) => ip === pod.status?.podIP)).slice(0, mostPods)
  const ends = [...(origin.pod && origin.pod.spec?.hostNetwork !== true ? [origin.pod] : []), ...pods]
  const nodes = [...new Set([origin.node, ...goal.endpoints.flatMap(({ ip, node }) => node ?? round.view.nodes.find(({ address }) => address === ip)?.name ?? [])])]
  return nodes.map((node) => ({ node, places: ['node', ...new Set(ends.filter((pod) => pod.spec?.nodeName === node).flatMap((pod) => pod.metadata.uid ?? []))] }))
}

/** Requests that start at one place, and the first of the ports that they are sent from. */
interface Asking { place: string; urls: readonly string[]; nonce: string; first: number }

function askingsOf({ origin, goal }: Asked, { id, own }: Identity, { attempts, beside }: { attempts: number; beside?: Beside }): Asking[] {
  const url = `http://${goal.address}:${goal.port}/`
  const asking: Asking = { place: 'podUid' in origin.from ? origin.from.podUid : 'node', urls: Array.from({ length: attempts }, () => url), nonce: `trace-${id}`, first: own }
  return [asking, ...(beside && beside.urls.length > 0 ? [{ place: beside.podUid, urls: beside.urls, nonce: `beside-${id}`, first: own + attempts * portsEach }] : [])]
}

const askArguments = ({ place, urls, nonce, first }: Asking, boundMs: number): string[] => [nonce, (boundMs / 1_000).toFixed(1), String(first), place, ...urls]

function attemptsIn(output: ScriptOutput, { urls, nonce, first }: Asking): Attempt[] {
  if (output.bytes('gone')) throw new Broken('The Pod that the request starts from has no process to enter.', { hopeless: false })
  return urls.map((_url, index) => {
    const [status, exitCode, localPort] = output.text(`told ${index}`).split(' ').map(Number)
    if (exitCode === undefined || !Number.isInteger(exitCode)) throw new Broken('The request of the trace could not be sent: curl did not say how it ended.', { hopeless: false })
    const possible = Array.from({ length: portsEach }, (_port, offset) => first + index * portsEach + offset)
    return { ports: localPort && possible.includes(localPort) ? [localPort] : possible, nonce: `${nonce}.${index}`, status: status ?? 0, exitCode, body: output.text(`body ${index}`) }
  })
}

function nodeState(before: ScriptOutput, after: ScriptOutput): NodeState {
  const listing = after.text('after-rules')
  const rules = readRules(listing)
  return {
    rules, listing, table: after.text('table'), risen: risen(readRules(before.text('before-rules')), rules), tracked: parseConntrack(after.text('conntrack')),
    strayed: strayed(after.text('after-kernel')) - strayed(before.text('before-kernel')),
  }
}

/** TcpExt IPReversePathFilter of /proc/net/netstat: a line of names, and one of numbers in the same order. */
function strayed(text: string): number {
  const [names = '', numbers = ''] = text.split('\n').filter((line) => line.startsWith('TcpExt:'))
  return Number(numbers.split(' ')[names.split(' ').indexOf('IPReversePathFilter')] ?? 0) || 0
}
