import { type Deadline, labels, silent } from '@hoplab/core'
import { lock } from '@hoplab/core/node'
import { findContainers } from '../../engine/containers.ts'
import { type NetworkFacts, ourNetworks } from '../../engine/networks.ts'
import type { ClusterProvider, FoundCluster, Removed } from '../../port.ts'
import { type ClusterState, knownLabs, lockFile, readState } from '../../state/state-file.ts'
import { isOurs, nodeFactsOf } from './found-cluster.ts'
import { clusterName, kindClusterLabel, labOf } from './names.ts'
import { containersOf, removeLab } from './remove.ts'

/** Labs that have something in the engine, with what belongs to each. */
export async function list(deadline: Deadline): Promise<FoundCluster[]> {
  const networks = await ourNetworks(deadline)
  return Promise.all((await labsInEngine(networks, deadline)).map(async (name): Promise<FoundCluster> => {
    const [state, containers] = await Promise.all([readState(name), containersOf(name, deadline)])
    const mine = networks.filter((network) => network.labels[labels.lab] === name)
    const lan = mine.find((network) => network.name === clusterName(name))
    const whole = state !== undefined && state.complete && lan !== undefined && nodeFactsOf(state.spec, lan, containers) !== undefined
    return {
      name, runId: mine[0]?.labels[labels.run] ?? state?.runId ?? '', state: whole ? 'up' : 'partial',
      containers: containers.map((container) => container.name), networks: mine.map((network) => network.name),
    }
  }))
}

async function labsInEngine(networks: readonly NetworkFacts[], deadline: Deadline): Promise<string[]> {
  const [labelled, nodes] = await Promise.all([findContainers([`label=${labels.lab}`], deadline), findContainers([`label=${kindClusterLabel}`], deadline)])
  // A node has no label of ours; a network may be gone while its containers are not.
  const ofContainers = [...labelled, ...nodes].flatMap((container) =>
    [container.labels[labels.lab] ?? labOf(container.labels[kindClusterLabel] ?? '')].filter((lab) => isOurs(lab, container)))
  return [...new Set([...networks.flatMap((network) => network.labels[labels.lab] ?? []), ...ofContainers])].sort()
}

/** Every lab that left something: in the engine, or as a state file of a run that died before it made anything. */
async function leftovers(deadline: Deadline): Promise<string[]> {
  const remembered = (await Promise.all((await knownLabs()).map(readState))).flatMap((state: ClusterState | undefined) => state?.spec.name ?? [])
  return [...new Set([...await labsInEngine(await ourNetworks(deadline), deadline), ...remembered])].sort()
}

/** Removes one lab, or whatever any lab left. */
export async function clean({ name, deadline, progress = silent }: Parameters<ClusterProvider['clean']>[0]): Promise<Removed> {
  const removed: Removed = { containers: [], networks: [], processes: [], folders: [] }
  for (const lab of name === undefined ? await leftovers(deadline) : [name]) {
    await using _held = await lock(lockFile(lab), `lab "${lab}"`, { deadline })
    const part = await removeLab(lab, deadline, progress)
    for (const key of ['containers', 'networks', 'folders'] as const) removed[key].push(...part[key])
    removed.processes.push(...part.processes)
  }
  return removed
}
