import { join } from 'node:path'
import { Deadline, HopError, isAbort, labels, phase, poll, silent } from '@hoplab/core'
import { labFolder, lock } from '@hoplab/core/node'
import type { ImageSet } from '@hoplab/images'
import { connect } from '@hoplab/kube/client-node'
import { HOP_CLUSTER_DIFFERS, HOP_LAB_NOT_UP } from '../../errors.ts'
import { findContainers } from '../../engine/containers.ts'
import { networkNamed, ourNetworks } from '../../engine/networks.ts'
import type { ClusterProvider, ClusterSpec, EnsureOptions, FoundCluster, NetworkInstaller, Removed, RunningCluster } from '../../port.ts'
import { diagnose, type Finding } from '../../preflight/diagnose.ts'
import { refuseIfTooSmall } from '../../preflight/refuse.ts'
import { type ClusterState, knownLabs, kubeconfigFile, lockFile, readState } from '../../state/state-file.ts'
import { createCluster } from './create.ts'
import { collectEvidence } from './evidence.ts'
import { isOurs, nodeFactsOf, refuseForeign } from './found-cluster.ts'
import { differencesOf, hashOf, identityOf } from './identity.ts'
import { KindCluster } from './kind-cluster.ts'
import { imagesFor } from './lab-images.ts'
import { clusterName, gatewayName, kindClusterLabel, labOf } from './names.ts'
import { containersOf, removeLab } from './remove.ts'
import { refreshToolboxes } from './toolboxes.ts'

/** Bound of a removal that follows a failure or an interruption, when the command's own deadline is over. Milliseconds. */
const removalMs = 120_000
/** How long a running cluster may take to show that it is healthy before it is made anew. Milliseconds. */
const healthyWithinMs = 20_000

/** A provider that can also tell what keeps it from working. */
export interface KindProvider extends ClusterProvider {
  /** Everything on this machine that would keep a lab from coming up, each with the command that cures it. */
  diagnose(deadline: Deadline, options?: { name?: string; workers?: number }): Promise<Finding[]>
}

/** Clusters made by kind's binary in the container engine that the `docker` client of this machine talks to. */
export function kindProvider(): KindProvider {
  return { name: 'kind', probe, ensure, adopt, list, clean, diagnose }
}

async function probe(deadline: Deadline): ReturnType<ClusterProvider['probe']> {
  const reasons = (await diagnose(deadline)).filter((finding) => !finding.ok).map(({ what, fix }) => ({ what, fix }))
  return reasons.length === 0 ? { ready: true } : { ready: false, reasons }
}

async function ensure(spec: ClusterSpec, options: EnsureOptions): Promise<RunningCluster> {
  const { deadline, progress } = options
  await using _held = await lock(lockFile(spec.name), `lab "${spec.name}"`, { deadline })
  const images = await phase(progress, 'images', () => imagesFor(spec.images, deadline, progress))
  await refuseForeign(spec.name, spec.workers, deadline)
  const hash = await hashOf(identityOf(spec, images))
  const running = await reusable(spec, hash, images, options)
  if (running) return running
  await refuseIfTooSmall(spec.workers + 1, deadline)
  const runId = crypto.randomUUID()
  try {
    return await createCluster({ spec, hash, runId, images, network: options.network, deadline, progress })
  } catch (error) {
    throw await undo(spec.name, error)
  }
}

/** The running cluster if it is the one asked for and works; undefined after everything else of this name was removed. */
async function reusable(spec: ClusterSpec, hash: string, images: ImageSet, options: EnsureOptions): Promise<RunningCluster | undefined> {
  const { deadline, progress } = options
  const state = await readState(spec.name)
  const [containers, networks] = await Promise.all([containersOf(spec.name, deadline), ourNetworks(deadline, spec.name)])
  if (containers.length === 0 && networks.length === 0) return undefined
  if (state?.complete && state.hash !== hash && !options.recreate) {
    const running = { ...identityOf(state.spec, { ...state.images, source: state.source, kubernetes: state.kubernetes } as unknown as ImageSet) }
    throw HOP_CLUSTER_DIFFERS({ name: spec.name, differences: differencesOf(running, identityOf(spec, images)) })
  }
  const why = state?.complete ? state.hash === hash ? await unfit(spec.name, options) : 'it has other settings' : 'it was never finished'
  if (typeof why !== 'string') return why
  progress({ type: 'note', text: `The cluster of "${spec.name}" is made anew: ${why}.` })
  await keepEvidence(evidenceFolder(spec.name), spec.name, deadline)
  await removeLab(spec.name, deadline, progress)
  return undefined
}

/** The healthy cluster, or why it cannot be used. */
async function unfit(name: string, { deadline, network }: EnsureOptions): Promise<RunningCluster | string> {
  let cluster: RunningCluster
  try { cluster = await adopt(name, { deadline, network }) } catch (error) {
    if (isAbort(error) || !(error instanceof HopError)) throw error
    return error.facts.why
  }
  const health = await poll(() => cluster.health(deadline), { deadline, until: ({ ok }) => ok, withinMs: healthyWithinMs })
  if (health.ok) return cluster
  await cluster[Symbol.asyncDispose]()
  return health.last.reasons.join('; ')
}

async function adopt(name: string, { deadline, network }: { deadline: Deadline; network: NetworkInstaller }): Promise<RunningCluster> {
  const state = await readState(name)
  if (!state) throw HOP_LAB_NOT_UP({ name, why: 'Nothing is remembered of it here.' })
  if (!state.complete) throw HOP_LAB_NOT_UP({ name, why: 'Its cluster was never finished.' })
  const [lan, containers] = await Promise.all([networkNamed(clusterName(name), deadline), containersOf(name, deadline)])
  const nodes = lan && nodeFactsOf(state.spec, lan, containers)
  if (!nodes) throw HOP_LAB_NOT_UP({ name, why: 'Its node containers are stopped or gone.' })
  if (!state.spec.internet && !containers.some((container) => container.name === gatewayName(name) && container.running)) {
    throw HOP_LAB_NOT_UP({ name, why: 'Its gateway container is stopped or gone.' })
  }
  const host = state.spec.internet ? undefined : lan.gateway
  await refreshToolboxes({ lab: name, runId: state.runId, workers: state.spec.workers, image: state.images.toolbox ?? '', host }, containers, deadline)
  return new KindCluster({ state, nodes, kube: await connect(kubeconfigFile(name)), network, host: lan.gateway })
}

async function list(deadline: Deadline): Promise<FoundCluster[]> {
  const networks = await ourNetworks(deadline)
  const names = [...new Set(networks.flatMap((network) => network.labels[labels.lab] ?? []))].sort()
  return Promise.all(names.map(async (name): Promise<FoundCluster> => {
    const [state, containers] = await Promise.all([readState(name), containersOf(name, deadline)])
    const mine = networks.filter((network) => network.labels[labels.lab] === name)
    const whole = state !== undefined && state.complete && mine[0] !== undefined && nodeFactsOf(state.spec, mine[0], containers) !== undefined
    return {
      name, runId: mine[0]?.labels[labels.run] ?? state?.runId ?? '', state: whole ? 'up' : 'partial',
      containers: containers.map((container) => container.name), networks: mine.map((network) => network.name),
    }
  }))
}

/** Every lab that left something: in the engine, or as a state file of a run that died before it made anything. */
async function leftovers(deadline: Deadline): Promise<string[]> {
  const networks = await ourNetworks(deadline)
  const remembered = (await Promise.all((await knownLabs()).map(readState))).flatMap((state: ClusterState | undefined) => state?.spec.name ?? [])
  const [labelled, nodes] = await Promise.all([findContainers([`label=${labels.lab}`], deadline), findContainers([`label=${kindClusterLabel}`], deadline)])
  const named = [...networks, ...labelled].flatMap((thing) => thing.labels[labels.lab] ?? [])
  const orphans = nodes.map((node) => labOf(node.labels[kindClusterLabel] ?? '')).filter((lab) => nodes.some((node) => isOurs(lab, node)))
  return [...new Set([...named, ...orphans, ...remembered])].sort()
}

async function clean({ name, deadline, progress = silent }: Parameters<ClusterProvider['clean']>[0]): Promise<Removed> {
  const removed: Removed = { containers: [], networks: [], processes: [], folders: [] }
  for (const lab of name === undefined ? await leftovers(deadline) : [name]) {
    await using _held = await lock(lockFile(lab), `lab "${lab}"`, { deadline })
    const part = await removeLab(lab, deadline, progress)
    for (const key of ['containers', 'networks', 'folders'] as const) removed[key].push(...part[key])
    removed.processes.push(...part.processes)
  }
  return removed
}

const evidenceFolder = (name: string): string => join(labFolder(name), 'evidence', new Date().toISOString().replaceAll(/[:.]/gu, '-'))

/** Keeps evidence of a failure (an interruption is none), removes what was made, and gives the error to throw. */
async function undo(name: string, error: unknown): Promise<unknown> {
  using deadline = Deadline.start(`removing ${name}`, removalMs)
  const interrupted = error instanceof HopError && error.code === 'HOP_INTERRUPTED'
  const folder = evidenceFolder(name)
  if (!interrupted) await keepEvidence(folder, name, deadline)
  await removeLab(name, deadline)
  return error instanceof HopError && !interrupted ? error.withEvidence(folder) : error
}

/** Evidence of a cluster that nobody is connected to; the API is asked where kind had got as far as a kubeconfig. */
async function keepEvidence(folder: string, name: string, deadline: Deadline): Promise<void> {
  const kube = await connect(kubeconfigFile(name)).catch(() => undefined)
  await collectEvidence(folder, name, kube, deadline)
  kube?.[Symbol.dispose]()
}
