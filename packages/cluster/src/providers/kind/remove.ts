import { type Deadline, labels, phase, type Progress, silent } from '@hoplab/core'
import { type ContainerFacts, findContainers, removeContainers } from '../../engine/containers.ts'
import { docker } from '../../engine/docker.ts'
import { ourNetworks } from '../../engine/networks.ts'
import type { Removed } from '../../port.ts'
import { endProcessesOf } from '../../state/processes.ts'
import { readState, removeState } from '../../state/state-file.ts'
import { clusterName, kindClusterLabel } from './names.ts'

/**
 * Containers of a lab: those with its label, and kind's nodes on the lab's own labelled network. A cluster of the same name that
 * somebody else made is on another network and is not among them.
 */
export async function containersOf(lab: string, deadline: Deadline): Promise<ContainerFacts[]> {
  const [network] = await ourNetworks(deadline, lab)
  const [labelled, nodes] = await Promise.all([
    findContainers([`label=${labels.lab}=${lab}`], deadline),
    network ? findContainers([`label=${kindClusterLabel}=${clusterName(lab)}`], deadline) : [],
  ])
  return [...labelled, ...nodes.filter((node) => node.addresses[network?.name ?? ''] !== undefined)]
}

/**
 * Removes everything of a lab, whatever state it is in: processes first, so that nobody makes new containers meanwhile; containers;
 * then the network, last because by it the nodes are known as ours; then its files. Progress and evidence stay. Safe to repeat.
 */
export async function removeLab(lab: string, deadline: Deadline, progress: Progress = silent): Promise<Removed> {
  return phase(progress, 'remove', async () => {
    const networks = await ourNetworks(deadline, lab)
    const state = await readState(lab)
    const runs = new Set([...networks.map((network) => network.labels[labels.run]), state?.runId].filter((run) => run !== undefined))
    const removed: Removed = { containers: [], networks: [], processes: await endProcessesOf(runs, deadline), folders: [] }
    for (let round = 0; ; round++) {
      const containers = await containersOf(lab, deadline)
      await removeContainers(containers.map((container) => container.id), deadline)
      removed.containers.push(...containers.map((container) => container.name))
      const left = await ourNetworks(deadline, lab)
      if (left.length === 0 && (await containersOf(lab, deadline)).length === 0) break
      for (const network of left) {
        const result = await docker(['network', 'rm', network.id], { deadline })
        if (result.exitCode === 0) removed.networks.push(network.name)
      }
      // A create that the engine had accepted before its client was ended shows up a moment later.
      if (round > 0) await deadline.sleep(200)
    }
    removed.folders = await removeState(lab)
    return { ...removed, containers: [...new Set(removed.containers)] }
  })
}
