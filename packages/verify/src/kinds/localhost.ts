import { plainLine } from '@hoplab/core'
import type { CheckOf, Evidence } from '@hoplab/model'
import { Broken } from '../probes/broken.ts'
import { controlPod } from '../probes/control.ts'
import type { Connection, Listener } from '../probes/request.ts'
import type { Round } from '../round.ts'
import type { Pod } from '../scene/kube-shapes.ts'
import { podOrigin } from '../scene/origin.ts'
import { podName } from '../scene/pods.ts'
import { runningPods } from '../scene/running-pods.ts'
import { isTrusted } from '../scene/trust.ts'
import { httpFault } from '../witness/answer.ts'
import { connectMs } from '../witness/exchange.ts'
import { idOf, statusesOf } from '../witness/runtime.ts'
import type { CheckKind } from './kind.ts'
import { NotMet } from './look.ts'

/**
 * `localhost`: at 127.0.0.1 in the Pod's network namespace each port is answered, and the process that listens there is of a container of the Pod, of
 * another one for each port. Witnesses: the answer with this request's nonce, and the kernel's list of listening sockets with the container that holds
 * each. Control: the node's control Pod at its own 127.0.0.1. Known false pass: one container that listens on all of the ports; a Pod with only one
 * container, which talks to itself; a Pod on the host's network, where the node's own processes answer. Known false fail: servers that speak HTTP
 * otherwise than ours; only below the lab's own image is the nonce asked for.
 */
export const localhost: CheckKind<'localhost'> = {
  origins: ({ pod }) => [{ pod }],
  async look(spec, round) {
    const pods = runningPods(round, spec.pod)
    const looks = await Promise.all(pods.map((pod) => judge(spec, round, pod)))
    return {
      state: 'green', nodes: [], evidence: looks.flatMap(({ evidence }) => evidence),
      why: looks.map(({ pod, held }) => `In Pod ${podName(pod)} ${held.map(({ port, container }) => `${container} answers at localhost:${port}`).join(' and ')}.`).join(' '),
    }
  },
}

interface Held { port: number; container: string }

async function judge(spec: CheckOf<'localhost'>, round: Round, pod: Pod): Promise<{ pod: Pod; held: Held[]; evidence: Evidence[] }> {
  if (pod.spec?.hostNetwork) throw new NotMet(`Pod ${podName(pod)} uses its node's network (hostNetwork), so its localhost is that of the whole node.`)
  const asked = spec.listeners.map(async ({ port, container }) => ({ port, wanted: container, ...await askAt(round, pod, port) }))
  const [control, ...seen] = await Promise.all([controlOf(round, pod.spec?.nodeName ?? ''), ...asked])
  const evidence = [...seen.flatMap((one) => evidenceOf(pod, one)), control]
  requireNeighbours(pod, evidence)
  const held = seen.map((one) => ({ port: one.port, container: requireHolder(round, pod, one, evidence) }))
  const twice = held.find(({ container }, index) => held.findIndex((other) => other.container === container) < index)
  if (twice) throw new NotMet(`In Pod ${podName(pod)} container ${twice.container} listens at ${held.filter(({ container }) => container === twice.container).map(({ port }) => port).join(' and ')}; each port must be another container's.`, evidence)
  return { pod, held, evidence }
}

interface Seen { port: number; wanted: string | undefined; connection: Connection | undefined; listeners: readonly Listener[] }

async function askAt(round: Round, pod: Pod, port: number): Promise<Pick<Seen, 'connection' | 'listeners'>> {
  const from = { podUid: pod.metadata.uid ?? '' }
  const node = pod.spec?.nodeName ?? ''
  const target = `127.0.0.1:${port}`
  const [{ connections: [connection] }, { listeners }] = await Promise.all([
    round.batcher.ask(node, { kind: 'http', from, target, count: 1, parallel: 1, timeoutMs: connectMs }), round.batcher.ask(node, { kind: 'listeners', from, target }),
  ])
  return { connection, listeners }
}

/** Both witnesses on a Pod of our own, which must be right there. */
async function controlOf(round: Round, node: string): Promise<Evidence> {
  const pod = controlPod(round, node)
  const { connection, listeners } = await askAt(round, pod, 8080)
  if (connection?.class !== 'OK' || connection.server?.nonce !== connection.nonce || listeners.length === 0) throw new Broken(`The control Pod on node ${node} does not even answer at its own localhost (${connection?.class ?? 'not asked'}), so nothing shows who would in another Pod.`, { hopeless: false })
  return { witness: 'control', observed: `the control Pod on ${node} answers at its own localhost:8080`, expected: 'OK' }
}

/** Containers that run, by the id that the runtime gave them. */
const containersOf = (pod: Pod): Map<string, string> => new Map(statusesOf(pod).filter(({ state }) => state?.running).map((status) => [idOf(status), status.name]))

function requireNeighbours(pod: Pod, evidence: Evidence[]): void {
  const running = [...containersOf(pod).values()]
  if (running.length < 2) throw new NotMet(`In Pod ${podName(pod)} only container ${running[0] ?? '(none)'} runs: there is no neighbour to talk to.`, evidence)
}

function requireHolder(round: Round, pod: Pod, { port, wanted, connection, listeners }: Seen, evidence: Evidence[]): string {
  const place = `localhost:${port} of Pod ${podName(pod)}`
  if (connection?.class !== 'OK') throw new NotMet(`Nobody answers at ${place}: ${connection?.class ?? 'not asked'}.`, evidence)
  const fault = httpFault(connection)
  if (fault !== undefined) throw new NotMet(`What answers at ${place} does so ${fault}.`, evidence)
  if (isTrusted(pod, round.view.trustedImages) && connection.server?.nonce !== connection.nonce) throw new NotMet(`The answer at ${place} does not carry this request's nonce, so no server of the Pod wrote it.`, evidence)
  const names = [...new Set(listeners.map(({ container }) => containersOf(pod).get(container)))]
  // Answered a moment ago, and gone or not yet listed: two moments were seen.
  if (names.length === 0) throw new Broken(`${place} was answered, and the kernel lists nobody who listens there.`, { hopeless: false })
  const [name] = names
  if (name === undefined || names.length > 1) throw new NotMet(`At ${place} ${names.length > 1 ? 'more than one container listens' : `a process listens that is of no container of the Pod (${plainLine(listeners[0]?.program ?? '', 40)})`}.`, evidence)
  if (wanted !== undefined && name !== wanted) throw new NotMet(`At ${place} container ${name} answers, and it should be ${wanted}.`, evidence)
  return name
}

function evidenceOf(pod: Pod, { port, wanted, connection, listeners }: Seen): Evidence[] {
  const listening = listeners.map(({ local, container, program }) => `${containersOf(pod).get(container) ?? 'no container of the Pod'} (${program}) at ${local}`).join(', ')
  return [
    { witness: 'client', command: podOrigin(pod).at(`curl -s -m 2 http://127.0.0.1:${port}/`), observed: connection?.class ?? 'not asked', expected: 'OK' },
    ...(connection?.server ? [{ witness: 'server', observed: connection.server.nonce === connection.nonce ? "the answer carries this request's nonce" : 'the answer is not to this request', expected: "this request's nonce" }] : []),
    { witness: 'kernel', command: podOrigin(pod).at('ss -ltn'), observed: plainLine(listening || 'nobody listens', 300), expected: `${wanted ?? 'one container'} at port ${port}` },
  ]
}
