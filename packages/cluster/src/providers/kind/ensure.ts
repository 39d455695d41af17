import { join } from 'node:path'
import { Deadline, HopError, isAbort, phase, poll } from '@hoplab/core'
import { labFolder, lock, writeWhole } from '@hoplab/core/node'
import type { ImageSet } from '@hoplab/images'
import { connect } from '@hoplab/kube/client-node'
import { ourNetworks } from '../../engine/networks.ts'
import { HOP_ADDONS_NEED_CLOSED, HOP_CLUSTER_DIFFERS } from '../../errors.ts'
import type { ClusterSpec, EnsureOptions, RunningCluster } from '../../port.ts'
import { refuseIfTooSmall } from '../../preflight/refuse.ts'
import { kubeconfigFile, lockFile, readState } from '../../state/state-file.ts'
import { adopt } from './adopt.ts'
import { createCluster } from './create.ts'
import { collectEvidence } from './evidence.ts'
import { refuseForeign } from './found-cluster.ts'
import { differencesOf, hashOf, identityOf } from './identity.ts'
import { imagesFor } from './lab-images.ts'
import { containersOf, removeLab } from './remove.ts'

/** Bound of a removal that follows a failure or an interruption, when the command's own deadline is over. Milliseconds. */
const removalMs = 120_000
/** How long a running cluster may take to show that it is healthy before it is made anew. Milliseconds. */
const healthyWithinMs = 20_000

/**
 * A ready cluster of this spec: the running one when its spec is the same and it is healthy, else a new one. Whatever this call made is
 * removed again when it fails or is interrupted; evidence of a failure is kept first.
 */
export async function ensure(spec: ClusterSpec, options: EnsureOptions): Promise<RunningCluster> {
  const { deadline, progress } = options
  if (spec.internet && spec.addons?.length) throw HOP_ADDONS_NEED_CLOSED({ name: spec.name, addons: spec.addons })
  await using _held = await lock(lockFile(spec.name), `lab "${spec.name}"`, { deadline })
  const images = await phase(progress, 'images', () => imagesFor(spec.images, [...options.network.images, ...new Set((options.addons ?? []).flatMap((addon) => addon.images))], deadline, progress))
  await refuseForeign(spec.name, spec.workers, deadline)
  const hash = await hashOf(identityOf(spec, images))
  const running = await reusable(spec, hash, images, options)
  if (running) return running
  await refuseIfTooSmall(spec.workers + 1, options.network.memoryGiBPerNode, deadline)
  const runId = crypto.randomUUID()
  try {
    return await createCluster({ spec, hash, runId, images, network: options.network, addons: options.addons ?? [], early: options.early, deadline, progress })
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
    throw HOP_CLUSTER_DIFFERS({ name: spec.name, differences: differencesOf(identityOf(state.spec, state.images), identityOf(spec, images)) })
  }
  const why = state?.complete ? state.hash === hash ? await unfit(spec.name, options) : 'it has other settings' : 'it was never finished'
  if (typeof why !== 'string') return why
  progress({ type: 'note', text: `The cluster of "${spec.name}" is made anew: ${why}.` })
  await keepEvidence(evidenceFolder(spec.name), spec.name, deadline)
  await removeLab(spec.name, deadline, progress)
  return undefined
}

/** The healthy cluster, or why it cannot be used. */
async function unfit(name: string, { deadline, network, addons = [] }: EnsureOptions): Promise<RunningCluster | string> {
  let cluster: RunningCluster
  try { cluster = await adopt(name, { deadline, network, addons }) } catch (error) {
    if (isAbort(error) || !(error instanceof HopError)) throw error
    return error.facts.why
  }
  const health = await poll(() => cluster.health(deadline), { deadline, until: ({ ok }) => ok, withinMs: healthyWithinMs })
  if (health.ok) return cluster
  await cluster[Symbol.asyncDispose]()
  return health.last.reasons.join('; ')
}

const evidenceFolder = (name: string): string => join(labFolder(name), 'evidence', new Date().toISOString().replaceAll(/[:.]/gu, '-'))

/**
 * Keeps evidence of a failure (an interruption is none), removes what was made, and gives the error to throw: the failure, or why it could
 * not be removed, because then something is left.
 */
async function undo(name: string, error: unknown): Promise<unknown> {
  using deadline = Deadline.start(`removing ${name}`, removalMs)
  const interrupted = error instanceof HopError && error.code === 'HOP_INTERRUPTED'
  const folder = evidenceFolder(name)
  if (!interrupted) await keepEvidence(folder, name, deadline, error)
  try {
    await removeLab(name, deadline)
  } catch (left) {
    if (interrupted) await keepEvidence(folder, name, deadline, left)
    return left instanceof HopError ? left.withEvidence(folder) : left
  }
  return error instanceof HopError && !interrupted ? error.withEvidence(folder) : error
}

/** Evidence of a cluster that nobody is connected to; the API is asked where kind had got as far as a kubeconfig. */
async function keepEvidence(folder: string, name: string, deadline: Deadline, error?: unknown): Promise<void> {
  if (error !== undefined) await writeWhole(join(folder, 'error.json'), `${JSON.stringify(error instanceof HopError ? error.facts : String(error), null, 2)}\n`)
  const kube = await connect(kubeconfigFile(name)).catch(() => undefined)
  await collectEvidence(folder, name, kube, deadline)
  kube?.[Symbol.dispose]()
}
