import { type Deadline, messageOf, poll } from '@hoplab/core'
import type { KubeClient, KubeObject, KubeRef } from '@hoplab/kube'
import type { Baseline, Difference, Toolbox } from '../port.ts'
import { filesOf, manifestFolder, nodeState } from './node-state.ts'
import { mirrorName, mirrorsOf, type StaticPod, staticPodIn } from './static-pods.ts'
import type { BaselineSubject } from './take.ts'

/** Bound in which a kubelet ends the static Pod whose file is gone. Milliseconds; it looks at its folder every 20 s at the latest, and such a Pod may take 30 s to end. */
const endedWithinMs = 60_000
/** Bound in which everything that was started is at work. Milliseconds; a node whose runtime was away is called Ready after a minute or more, a new leader waits 15 s. */
const atWorkWithinMs = 120_000

/** What one node no longer runs as it did at hand-over. */
interface Gap {
  node: string
  /** Units to be started. */
  units: readonly string[]
  /** Files that are gone or say something else, with the texts they had. */
  files: ReadonlyMap<string, string>
  /** Files that were not there, or say something else. */
  foreign: readonly string[]
}

/**
 * Puts back what nodes run without being told by the API: units of systemd, and static Pods by their files, whose texts the baseline has. Then waits until
 * it is at work: static Pods are Ready, a started kubelet has reported and calls its Node Ready, whoever leads by a Lease renews it. Works without an API
 * server, which is such a Pod itself. Returns undefined when nothing was to be done, else what did not come back, after three minutes at most.
 * @throws HOP_TOOLBOX_GONE
 */
export async function restorePrograms(subject: BaselineSubject, { nodes }: Baseline, deadline: Deadline): Promise<Difference[] | undefined> {
  const gaps = (await Promise.all(Object.entries(nodes).map(([node, state]) => gapOf(subject.toolbox(node), state, deadline)))).filter(isGap)
  if (gaps.length === 0) return undefined
  const reports = new Map(await Promise.all(gaps.map(async ({ node }) => [node, await versionOf(subject.kube, leaseOfNode(node), deadline)] as const)))
  await Promise.all(gaps.map(async (gap) => {
    await onNode(subject.toolbox(gap.node), [...gap.foreign.map((file) => `rm -f ${quoted(file)}`), ...gap.units.map(start)], deadline)
    // A kubelet that does not see that a file was away, or what it said meanwhile, has nothing to start anew.
    if (gap.files.size > 0) await ended(subject.kube, gap, deadline)
    await onNode(subject.toolbox(gap.node), [...gap.files].map(([file, text]) => write(file, text)), deadline)
  }))
  return atWork(subject.kube, gaps, nodes, reports, deadline)
}

const isGap = ({ units, files, foreign }: Gap): boolean => units.length + files.size + foreign.length > 0

/** A baseline of an older hoplab knows neither aspect: nothing is missing then. */
async function gapOf(toolbox: Toolbox, { units = '', manifests }: Record<string, string>, deadline: Deadline): Promise<Gap> {
  const now = await nodeState(toolbox, deadline, ['units', 'manifests'])
  const running = new Set((now.units ?? '').split('\n'))
  const stopped = units.split('\n').filter((line) => line.endsWith(' active') && !running.has(line)).map((line) => line.split(' ')[0] ?? '')
  if (manifests === undefined) return { node: toolbox.node, units: stopped, files: new Map(), foreign: [] }
  const [then, current] = [filesOf(manifests), filesOf(now.manifests ?? '')]
  return {
    node: toolbox.node, units: stopped,
    files: new Map([...then].filter(([file, text]) => current.get(file) !== text)),
    foreign: [...current].filter(([file, text]) => then.get(file) !== text).map(([file]) => file),
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
/** A unit that failed too often is not started again before that is forgotten. */
const start = (unit: string): string => `nsenter -t 1 -m -- sh -c 'systemctl reset-failed ${unit}; systemctl start ${unit}'`
/** Whole or not at all: the kubelet passes over a name that begins with a dot. Readable by root alone, as kubeadm writes it. */
const write = (file: string, text: string): string =>
  `printf %s ${quoted(Buffer.from(text).toString('base64'))} | base64 -d > ${quoted(`.${file}`)} && mv ${quoted(`.${file}`)} ${quoted(file)}`

/** What does not work is no error: it shows in the comparison of nodes. @throws HOP_TOOLBOX_GONE */
async function onNode(toolbox: Toolbox, commands: readonly string[], deadline: Deadline): Promise<void> {
  if (commands.length === 0) return
  const folder = `/proc/1/root${manifestFolder}`
  await toolbox.exec(['sh', '-s'], { deadline, input: `umask 077\nmkdir -p ${folder} && cd ${folder} || exit 1\n${commands.join('\n')}\n` })
}

const staticPodsIn = (files: ReadonlyMap<string, string>): StaticPod[] => [...files.values()].flatMap((text) => staticPodIn(text) ?? [])

/** Until no such Pod is told of, or nobody tells any more: the API server is one of them. */
async function ended(kube: KubeClient, gap: Gap, deadline: Deadline): Promise<void> {
  const names = new Set(staticPodsIn(gap.files).map((pod) => mirrorName(pod, gap.node)))
  const left = (): Promise<number> => mirrorsOf(kube, gap.node, deadline).then((found) => found.filter((pod) => names.has(pod.metadata.name)).length, () => 0)
  await poll(left, { deadline, until: (count) => count === 0, everyMs: 200, maxEveryMs: 500, withinMs: endedWithinMs })
}

async function atWork(kube: KubeClient, gaps: readonly Gap[], nodes: Baseline['nodes'], reports: ReadonlyMap<string, string | undefined>, deadline: Deadline): Promise<Difference[]> {
  const begun = deadline.clock.now()
  const until = (found: Difference[]): boolean => found.length === 0
  const missing = async (): Promise<Difference[]> => (await Promise.all(gaps.map((gap) => notBack(kube, gap, nodes[gap.node] ?? {}, reports.get(gap.node), deadline)))).flat()
  const back = await poll(missing, { deadline, until, everyMs: 200, maxEveryMs: 1_000, withinMs: atWorkWithinMs })
  if (!back.ok) return back.last
  // Not before: the one that was there until its file changed may have renewed its Lease once more.
  const leaders = await leadersOf(kube, gaps.filter(({ files }) => files.size > 0), nodes, deadline)
  const silent = async (): Promise<Difference[]> => (await Promise.all(leaders.map(async ({ node, name, lease, version }) => {
    const now = await versionOf(kube, lease, deadline)
    return now === undefined || now === version ? [difference(node, `static Pod ${name} does not renew its Lease`)] : []
  }))).flat()
  return (await poll(silent, { deadline, until, everyMs: 200, maxEveryMs: 1_000, withinMs: atWorkWithinMs - (deadline.clock.now() - begun) })).last
}

interface Leader { node: string; name: string; lease: KubeRef; version: string }

/**
 * Static Pods that lead by a Lease of their own name, which kube-scheduler and kube-controller-manager do; all of the node, since those whose file never
 * changed start anew when they miss the API server.
 */
async function leadersOf(kube: KubeClient, gaps: readonly Gap[], nodes: Baseline['nodes'], deadline: Deadline): Promise<Leader[]> {
  const found = await Promise.all(gaps.flatMap(({ node }) => staticPodsIn(filesOf(nodes[node]?.manifests ?? '')).map(async ({ name, namespace }) => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name }
    const version = await versionOf(kube, lease, deadline)
    return version === undefined ? [] : [{ node, name, lease, version }]
  })))
  return found.flat()
}

const difference = (node: string, now: string): Difference => ({ where: node, what: 'programs', baseline: 'at work', now })

/** What is still missing on one node; an API server that does not answer is missing itself. */
async function notBack(kube: KubeClient, { node, units }: Gap, { manifests = '' }: Record<string, string>, reported: string | undefined, deadline: Deadline): Promise<Difference[]> {
  try {
    const [found, mirrors, report] = await Promise.all([kube.get({ apiVersion: 'v1', kind: 'Node', name: node }, deadline), mirrorsOf(kube, node, deadline), versionOf(kube, leaseOfNode(node), deadline)])
    const ready = new Set(mirrors.filter(isReady).map((pod) => pod.metadata.name))
    const missing = staticPodsIn(filesOf(manifests)).filter((pod) => !ready.has(mirrorName(pod, node)))
    return [
      ...missing.map((pod) => difference(node, `static Pod ${pod.name} is not Ready`)),
      ...(units.includes('kubelet') && report === reported ? [difference(node, 'its kubelet has not reported')] : []),
      ...(found && !isReady(found) ? [difference(node, 'the Node is not Ready')] : []),
    ]
  } catch (error) {
    deadline.throwIfOver()
    return [difference(node, messageOf(error))]
  }
}

const isReady = ({ status }: KubeObject): boolean =>
  ((status ?? {}) as { conditions?: { type: string; status: string }[] }).conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false

const leaseOfNode = (node: string): KubeRef => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name: node })

/** Undefined when there is no such object, or nobody tells. */
async function versionOf(kube: KubeClient, ref: KubeRef, deadline: Deadline): Promise<string | undefined> {
  try {
    return (await kube.get(ref, deadline))?.metadata.resourceVersion
  } catch {
    deadline.throwIfOver()
    return undefined
  }
}
