import type { Evidence } from '@hoplab/model'
import { controlEvidence, controlPaths } from '../probes/control.ts'
import type { Connection } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { type Origin, originsOf, podsCommand } from '../scene/origin.ts'
import { describePodRef, podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { connectMs } from '../witness/exchange.ts'
import { type Mtu, podMtu, roomOn } from '../witness/mtu.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/** IPv4 and ICMP headers around a ping's bytes (RFC 791, RFC 792). */
const headers = 28
/** Bytes of the ping that must always get through: what `ping` sends by default. */
const smallPing = 56

/**
 * `mtu`: of each sender, a packet of its device's MTU gets to Pods of other nodes without being fragmented, and one byte more is refused at once where
 * it is sent. Witnesses: the devices themselves (read in the Pod, on the node: uplink and tunnel) and three pings per pair that may not be fragmented.
 * Control: a small one of the three, and the control Pods' path: when these fail, no size is to blame.
 * Known false pass: small replies, and large ones that path MTU discovery or one kernel's offload lets through: so the sizes of the devices count as
 * well as the pings. Known false fail: a Pod's kernel remembers for ten minutes that its packets did not fit (net.ipv4.route.mtu_expires), so that
 * a smaller way that has been repaired stays red for new packets from that Pod; `why` tells the remembered size.
 */
export const mtu: CheckKind<'mtu'> = {
  async look(spec, round) {
    const origins = originsOf(round, spec.from)
    const targets = runningPods(round, spec.to)
    const pairs = origins.flatMap((origin) => targets.filter((pod) => pod.spec?.nodeName !== origin.node).map((pod) => ({ origin, pod })))
    if (pairs.length === 0) throw new NotMet(`No ${describePodRef(spec.to, round.defaultNamespace)} is on another node, so no packet between nodes can be shown.`,
      targets.map((pod) => ({ witness: 'api', command: podsCommand(pod.metadata.namespace ?? ''), observed: `${podName(pod)} on ${pod.spec?.nodeName}`, expected: 'a Pod on another node' })))
    const { sizes, sent } = await sizesOf(round, pairs)
    const [tries, paths] = await Promise.all([
      Promise.all(pairs.map((pair) => pingThrice(round, pair, sent.get(pair.origin) ?? 0))), Promise.all(pairs.map(({ origin, pod }) => controlPaths(round, origin.node, [pod.spec?.nodeName ?? '']))),
    ])
    const evidence = [...sizes.map((one) => one.evidence), ...tries.map(pingEvidence), ...controlEvidence(paths.flat())]
    const dead = paths.flat().find(({ alive }) => !alive)
    if (dead) throw new NotMet(`The path from ${dead.from} to ${dead.to} is broken for packets of any size: not even the control Pods reach each other there (${dead.class}).`, evidence, `path ${dead.from} → ${dead.to}`)
    for (const one of tries) requireSmall(one, evidence)
    const large = sizes.find((one) => one.mtu > one.most)
    if (large) throw new NotMet(`The MTU of ${large.where} is ${large.mtu}, and may be at most ${large.most}: ${large.because}.`, evidence, large.where)
    for (const one of tries) requireExact(one, evidence)
    const bytes = [...new Set(sent.values())].join(' or ')
    return { state: 'green', nodes: [], evidence, why: `Packets of ${bytes} bytes, the most that the devices of ${origins.map(({ name }) => name).join(', ')} send, get to ${[...new Set(pairs.map(({ pod }) => podName(pod)))].join(', ')} whole, and one byte more is refused at once.` }
  },
}

interface Pair { origin: Origin; pod: Pod }

/** MTUs of every Pod and tunnel device on the way; `sent` = that of each sender. */
async function sizesOf(round: Round, pairs: readonly Pair[]): Promise<{ sizes: Mtu[]; sent: Map<Origin, number> }> {
  const nodes = [...new Set(pairs.flatMap(({ origin, pod }) => [origin.node, pod.spec?.nodeName ?? '']))]
  const rooms = new Map(await Promise.all(nodes.map(async (node) => [node, await roomOn(round, node)] as const)))
  const pods = [...new Set(pairs.flatMap(({ origin, pod }) => [...(origin.pod ? [origin.pod] : []), pod]))]
  const found = new Map(await Promise.all(pods.map(async (pod) => {
    const room = rooms.get(pod.spec?.nodeName ?? '') ?? await roomOn(round, pod.spec?.nodeName ?? '')
    return [pod, await podMtu(round, pod, room)] as const
  })))
  const sent = new Map(pairs.map(({ origin }) => [origin, (origin.pod && found.get(origin.pod)?.mtu) ?? 0]))
  return { sizes: [...[...rooms.values()].flatMap(({ tunnel }) => tunnel ?? []), ...found.values()], sent }
}

interface Tries extends Pair { mtu: number; small: Connection; full: Connection; over: Connection }

async function pingThrice(round: Round, { origin, pod }: Pair, largest: number): Promise<Tries> {
  const ping = async (size: number): Promise<Connection> => {
    const { connections: [one] } = await round.batcher.ask(origin.node, { kind: 'ping', from: origin.from, target: pod.status?.podIP ?? '', count: 1, parallel: 1, timeoutMs: connectMs, size })
    return one ?? { class: 'ERROR', nonce: '' }
  }
  const [small, full, over] = await Promise.all([ping(smallPing), ping(largest - headers), ping(largest - headers + 1)])
  return { origin, pod, mtu: largest, small, full, over }
}

const endOf = ({ class: end, ping }: Connection): string => (end === 'TOOBIG' && ping?.refused ? `${end} ${ping.refused}` : end)

function pingEvidence({ origin, pod, mtu: largest, small, full, over }: Tries): Evidence {
  return {
    witness: 'client', command: origin.at(`ping -M do -c 1 -s ${largest - headers} ${pod.status?.podIP}`),
    observed: `to ${podName(pod)}: ${smallPing + headers} bytes ${endOf(small)}, ${largest} bytes ${endOf(full)}, ${largest + 1} bytes ${endOf(over)}`,
    expected: `${smallPing + headers} bytes OK, ${largest} bytes OK, ${largest + 1} bytes TOOBIG here`,
  }
}

function requireSmall({ origin, pod, small }: Tries, evidence: Evidence[]): void {
  if (small.class === 'OK') return
  throw new NotMet(`Not even a small ping gets from ${origin.name} to Pod ${podName(pod)} (${endOf(small)}): that is no matter of size.`, evidence)
}

function requireExact({ origin, pod, mtu: largest, full, over }: Tries, evidence: Evidence[]): void {
  const way = `from ${origin.name} to Pod ${podName(pod)}`
  const known = full.ping && full.ping.pathMtu > 0 && full.ping.pathMtu < largest ? `; the sender's kernel takes ${full.ping.pathMtu} bytes for the most on this way` : ''
  if (full.class !== 'OK') throw new NotMet(`A packet of ${largest} bytes, as large as the sender's device allows, does not get ${way} (${endOf(full)}), and a small one does${known}.`, evidence)
  if (over.class !== 'TOOBIG' || over.ping?.refused !== 'here') throw new NotMet(`A packet of ${largest + 1} bytes ${way} is not refused where it is sent (${endOf(over)}), though the device's MTU is ${largest}.`, evidence)
}
