import { type Deadline, phase, poll, type Progress } from '@hoplab/core'
import { type ImageSet, imagesToLoad } from '@hoplab/images'
import type { KubeClient } from '@hoplab/kube'
import { connect } from '@hoplab/kube/client-node'
import type { NetworkFacts } from '../../engine/networks.ts'
import { HOP_NODES_FAILED } from '../../errors.ts'
import type { AddonInstaller, ClusterSpec, EnsureOptions, NetworkInstaller } from '../../port.ts'
import { type ClusterState, kubeconfigFile, writeState } from '../../state/state-file.ts'
import { together } from '../../together.ts'
import { bootAccess } from './boot-access.ts'
import { controlObjects } from './control-pods.ts'
import { fitDns } from './core-dns.ts'
import { nodeFactsOf } from './found-cluster.ts'
import { routePods, startGateway } from './gateway.ts'
import { importImages } from './import-images.ts'
import { doorTo } from './outside/door.ts'
import { outsideOf } from './outside/facts.ts'
import { installAddon, startMachines } from './outside/machines.ts'
import { internetPlanOf, internetRanges } from './outside/plan.ts'
import { loadImages, makeNodes } from './kind-binary.ts'
import { KindCluster } from './kind-cluster.ts'
import { imageNames } from './lab-images.ts'
import { internetNetworkName, nodeNameOf, positions } from './names.ts'
import { hostsPods, makeInRange, makeNetwork, planOf, podSubnetOf } from './network.ts'
import { containersOf } from './remove.ts'
import { startToolboxes } from './toolboxes.ts'
import { whyNotReady } from './why-not-ready.ts'

/** All that making a cluster needs. */
export interface CreateOptions { spec: ClusterSpec; hash: string; runId: string; images: ImageSet; network: NetworkInstaller; addons: readonly AddonInstaller[]; early: EnsureOptions['early']; deadline: Deadline; progress: Progress }

/** Bound of readiness, from the end of kind's work. Milliseconds; measured: 10 to 20 s on 2 cores. */
const readyWithinMs = 180_000
/** What is kept of a command's own bound to look at what is wrong, where that ends first. Milliseconds. */
const tellingMs = 15_000

/**
 * Makes a whole cluster: network, nodes with gateway and toolboxes beside them, CNI, control Pods, then waits until it works.
 * kind's own work takes longest, so all that can is done beside it. The caller removes what was made when this throws.
 */
export async function createCluster(options: CreateOptions): Promise<KindCluster> {
  const { spec, hash, runId, images, deadline, progress } = options
  const state: ClusterState = { spec, hash, runId, created: deadline.clock.timestamp(), images, complete: false }
  await writeState(state)
  const network = await phase(progress, 'network', () => makeNetwork({ lab: spec.name, runId, internet: spec.internet, withPods: hostsPods(options.network) }, deadline))
  const beyond = options.addons.length === 0 ? undefined : await makeInternet(spec.name, runId, deadline)
  await makeEverything(options, network, beyond)
  const cluster = await openCluster(state, [network, ...(beyond ? [beyond] : [])], options)
  try {
    await phase(progress, 'ready', () => waitReady(cluster, options), 15_000)
    await writeState({ ...state, complete: true })
    return cluster
  } catch (error) {
    await cluster[Symbol.asyncDispose]()
    throw error
  }
}

async function makeEverything(options: CreateOptions, network: NetworkFacts, beyond: NetworkFacts | undefined): Promise<void> {
  const { spec, runId, images, addons, deadline, progress } = options
  const needs = options.network.clusterNeeds
  const plan = planOf(network.subnet, hostsPods(options.network))
  const internet = beyond && internetPlanOf(beyond.subnet)
  const kindDone = gate()
  const imagesThere = gate()
  const machinesUp = gate()
  await together(deadline,
    (bound) => kindDone.after(phase(progress, 'nodes', () => makeNodes({ spec, runId, image: images.node, needs }, bound, progress), 35_000)),
    async (bound) => { if (!spec.internet) await phase(progress, 'gateway', () => startGateway(spec.name, runId, images.gateway, plan, bound, internet && doorTo(internet, beyond.name, plan))) },
    async (bound) => { if (internet) await machinesUp.after(phase(progress, 'add-ons', () => startMachines({ lab: spec.name, runId, plan: internet, images: imageNames(images), addons }, bound))) },
    async (bound) => {
      await imagesThere.after((async () => {
        await phase(progress, 'toolboxes', () => startToolboxes({ lab: spec.name, runId, workers: spec.workers, image: images.toolbox, host: spec.internet ? undefined : plan.host, sysctls: needs?.sysctls }, bound))
        await bringImages(options, kindDone.opened, bound)
      })())
    },
    async (bound) => {
      // Nodes of a closed lab cannot pull, so what their image lacks must be there before the first Pod that needs it.
      if (missingInNodes(options).length > 0) await imagesThere.opened
      using kube = await bootAccess(nodeNameOf(spec.name, 'control-plane'), bound)
      await phase(progress, 'cni', () => furnish(kube, options, network, bound))
      await options.early?.(kube, bound)
      if (addons.length > 0) await machinesUp.opened
      const apiServer = `https://${nodeNameOf(spec.name, 'control-plane')}:6443`
      for (const addon of addons) await installAddon(addon, { lab: spec.name, kube, apiServer, images: imageNames(images) }, bound)
    })
}

/** The network beyond the gateway. */
const makeInternet = (lab: string, runId: string, deadline: Deadline): Promise<NetworkFacts> =>
  makeInRange({ lab, runId, role: 'internet', name: internetNetworkName(lab), ranges: internetRanges, masquerade: false }, deadline)

/** What later work waits for: it opens when the work given to `after` ends, and lets its failure through. */
function gate(): { opened: Promise<void>; after(work: Promise<unknown>): Promise<void> } {
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>()
  opened.catch(() => undefined)
  return { opened, after: (work) => work.then(() => resolve(), (error: unknown) => { reject(error); throw error }) }
}

const missingInNodes = ({ images, network, addons }: CreateOptions): string[] => imagesToLoad(images.source, [...network.images, ...addons.flatMap((addon) => addon.images)])

/** Puts the images that the node image lacks into the nodes: with home-built ones at once, with kind's own once kind is done with them. */
async function bringImages(options: CreateOptions, kindDone: Promise<void>, deadline: Deadline): Promise<void> {
  const { spec, runId, images, progress } = options
  const missing = missingInNodes(options)
  if (missing.length === 0) return
  if (images.source === 'upstream') await kindDone
  await phase(progress, 'load images', () => (images.source === 'upstream'
    ? loadImages(spec.name, runId, missing, deadline) : importImages({ lab: spec.name, runId, nodes: nodesOf(spec), images: missing }, deadline)), 15_000)
}

const nodesOf = (spec: ClusterSpec): string[] => positions(spec.workers).map((position) => nodeNameOf(spec.name, position))

/** Applies CNI, control Pods and the closed DNS, as soon as the API server takes them. */
async function furnish(kube: KubeClient, { spec, images, network }: CreateOptions, lan: NetworkFacts, deadline: Deadline): Promise<void> {
  await network.install({ kube, podSubnet: podSubnetOf(spec, network, lan), nodeCount: spec.workers + 1, images: imageNames(images) }, deadline)
  for (const object of controlObjects(images.echo)) await kube.apply(object, deadline)
  await fitDns(kube, spec.internet, deadline)
}

async function openCluster(state: ClusterState, networks: readonly [NetworkFacts, ...NetworkFacts[]], { network: installer, addons, deadline }: CreateOptions): Promise<KindCluster> {
  const containers = await containersOf(state.spec.name, deadline)
  const [network] = networks
  const nodes = nodeFactsOf(state.spec, network, containers)
  if (!nodes) throw HOP_NODES_FAILED({ said: 'A node container stopped right after it had come up.' })
  const { outside } = outsideOf({ spec: state.spec, withPods: hostsPods(installer) }, networks, containers)
  return new KindCluster({ state, nodes, kube: await connect(kubeconfigFile(state.spec.name)), network: installer, addons, outside, lan: network })
}

async function waitReady(cluster: KindCluster, { spec, network, deadline, progress }: CreateOptions): Promise<void> {
  const withinMs = Math.min(readyWithinMs, Math.max(0, deadline.remainingMs() - tellingMs))
  const ready = await poll(() => cluster.health(deadline), { deadline, until: ({ ok }) => ok, everyMs: 300, maxEveryMs: 700, withinMs })
  if (!ready.ok) throw await whyNotReady({ name: spec.name, network, kube: cluster.kube, reasons: ready.last.reasons }, deadline, progress)
  if (!spec.internet) await routePods(spec.name, network.capabilities.ipam === 'per-node' ? await podRoutes(cluster, deadline) : [], deadline)
}

async function podRoutes(cluster: KindCluster, deadline: Deadline): Promise<{ podCidr: string; node: string }[]> {
  const nodes = await cluster.kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)
  return nodes.flatMap((node) => {
    const { podCIDR } = (node.spec ?? {}) as { podCIDR?: string }
    const address = cluster.nodes.find((facts) => facts.name === node.metadata.name)?.address
    return podCIDR && address ? [{ podCidr: podCIDR, node: address }] : []
  })
}
