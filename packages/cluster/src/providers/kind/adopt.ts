import type { Deadline } from '@hoplab/core'
import { connect } from '@hoplab/kube/client-node'
import { ourNetworks } from '../../engine/networks.ts'
import { HOP_LAB_NOT_UP } from '../../errors.ts'
import type { AddonInstaller, NetworkInstaller, RunningCluster } from '../../port.ts'
import { kubeconfigFile, readState } from '../../state/state-file.ts'
import { nodeFactsOf } from './found-cluster.ts'
import { KindCluster } from './kind-cluster.ts'
import { clusterName, gatewayName } from './names.ts'
import { containersOf } from './remove.ts'
import { outsideOf } from './outside/facts.ts'
import { refreshToolboxes } from './toolboxes.ts'

/**
 * Connects to a cluster that is up, and starts toolboxes again that are gone. Asks the engine only: whether the API server answers is the
 * caller's business. @throws HOP_LAB_NOT_UP
 */
export async function adopt(name: string, { deadline, network, addons = [] }: { deadline: Deadline; network: NetworkInstaller; addons?: readonly AddonInstaller[] }): Promise<RunningCluster> {
  const state = await readState(name)
  if (!state) throw HOP_LAB_NOT_UP({ name, why: 'Nothing is remembered of it here.' })
  if (!state.complete) throw HOP_LAB_NOT_UP({ name, why: 'Its cluster was never finished.' })
  const [networks, containers] = await Promise.all([ourNetworks(deadline, name), containersOf(name, deadline)])
  const lan = networks.find((one) => one.name === clusterName(name))
  const nodes = lan && nodeFactsOf(state.spec, lan, containers)
  if (!nodes) throw HOP_LAB_NOT_UP({ name, why: 'Its node containers are stopped or gone.' })
  if (!state.spec.internet && !containers.some((container) => container.name === gatewayName(name) && container.running)) {
    throw HOP_LAB_NOT_UP({ name, why: 'Its gateway container is stopped or gone.' })
  }
  const { outside, missing } = outsideOf(state.spec, networks, containers)
  if (missing.length > 0) throw HOP_LAB_NOT_UP({ name, why: `Of its ways in and out ${missing.join(', ')} is stopped or gone.` })
  const host = state.spec.internet ? undefined : lan.gateway
  await refreshToolboxes({ lab: name, runId: state.runId, workers: state.spec.workers, image: state.images.toolbox, host, sysctls: network.clusterNeeds?.sysctls }, containers, deadline)
  return new KindCluster({ state, nodes, kube: await connect(kubeconfigFile(name)), network, addons, outside, lan })
}
