import { type Deadline, labels, phase, type Progress, silent } from '@hoplab/core'
import { type ContainerFacts, findContainers, inspectContainers, removeContainers } from '../../engine/containers.ts'
import { docker } from '../../engine/docker.ts'
import { labelArguments } from '../../engine/marks.ts'
import { attachedTo, type NetworkFacts, ourNetworks } from '../../engine/networks.ts'
import { HOP_NETWORK_IN_USE } from '../../errors.ts'
import type { Removed } from '../../port.ts'
import { endProcessesOf } from '../../state/processes.ts'
import { type ClusterState, readState, removeState } from '../../state/state-file.ts'
import { isOurs } from './found-cluster.ts'
import { clusterName, kindClusterLabel, nodeNameOf, positions } from './names.ts'

/** Containers of a lab, running or not. See {@link isOurs}. */
export async function containersOf(lab: string, deadline: Deadline): Promise<ContainerFacts[]> {
  const found = (await Promise.all([
    findContainers([`label=${labels.lab}=${lab}`], deadline), findContainers([`label=${kindClusterLabel}=${clusterName(lab)}`], deadline),
  ])).flat()
  return found.filter((container) => isOurs(lab, container))
}

/**
 * Removes everything of a lab, whatever state it is in: processes first, so that nobody makes new containers meanwhile; containers and
 * network until none is left; then its files. Progress and evidence stay. Safe to repeat.
 * @throws HOP_NETWORK_IN_USE when somebody else's container is attached to the lab's network; that one is not touched
 */
export async function removeLab(lab: string, deadline: Deadline, progress: Progress = silent): Promise<Removed> {
  return phase(progress, 'remove', async () => {
    const networks = await ourNetworks(deadline, lab)
    const state = await readState(lab)
    const runs = new Set([...networks.map((network) => network.labels[labels.run]), state?.runId].filter((run) => run !== undefined))
    const processes = await endProcessesOf(runs, deadline)
    const removed = { containers: new Set<string>(), networks: new Set<string>() }
    while (await removeRound(lab, state, removed, deadline)) await deadline.sleep(200)
    return { containers: [...removed.containers], networks: [...removed.networks], processes, folders: await removeState(lab) }
  })
}

/** Removes what is there now. True when there may be more. */
async function removeRound(
  lab: string, state: ClusterState | undefined, removed: { containers: Set<string>; networks: Set<string> }, deadline: Deadline,
): Promise<boolean> {
  const containers = await containersOf(lab, deadline)
  await removeContainers(containers.map((container) => container.id), deadline)
  for (const { name } of containers) removed.containers.add(name)
  for (const network of await ourNetworks(deadline, lab)) {
    const result = await docker(['network', 'rm', network.id], { deadline })
    if (result.exitCode === 0) removed.networks.add(network.name)
    else await refuseForeignUser(lab, network, result.stderr, deadline)
  }
  if ((await ourNetworks(deadline, lab)).length > 0 || (await containersOf(lab, deadline)).length > 0) return true
  return state !== undefined && !state.complete && beingMade(state, deadline)
}

/** A network whose removal failed is tried again, unless a container that we do not remove keeps it. @throws HOP_NETWORK_IN_USE */
async function refuseForeignUser(lab: string, network: NetworkFacts, said: string, deadline: Deadline): Promise<void> {
  const foreign = foreignOf(lab, await inspectContainers(await attachedTo(network.id, deadline), deadline))
  if (foreign.length > 0 && (await containersOf(lab, deadline)).length === 0) throw HOP_NETWORK_IN_USE({ network: network.name, containers: foreign, said })
}

/** Names of the containers that are not the lab's. */
export const foreignOf = (lab: string, containers: readonly ContainerFacts[]): string[] =>
  containers.filter((container) => !isOurs(lab, container)).map(({ name }) => name)

/**
 * Whether the engine still works on a node container whose client was ended: it copies the image's /var first, for seconds, and lists the
 * container only after that (measured). Its name is taken from the start, so making one of that name is how to ask. A name that a listed
 * container of somebody else has is not being made.
 */
async function beingMade({ spec, runId, images }: ClusterState, deadline: Deadline): Promise<boolean> {
  const taken = await Promise.all(positions(spec.workers).map(async (position) => {
    const name = nodeNameOf(spec.name, position)
    const marks = labelArguments({ lab: spec.name, runId, role: 'name-check' })
    const made = await docker(['create', '--pull', 'never', '--name', name, ...marks, '--network', 'none', '--entrypoint', 'true', images.toolbox], { deadline })
    if (made.exitCode === 0) await removeContainers([made.stdout.trim()], deadline)
    if (made.exitCode === 0 || !/already in use/iu.test(made.stderr)) return false
    const [listed] = await inspectContainers([name], deadline)
    return listed === undefined || isOurs(spec.name, listed)
  }))
  return taken.includes(true)
}
