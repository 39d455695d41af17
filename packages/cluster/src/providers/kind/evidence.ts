import { join } from 'node:path'
import { type Deadline, labels, messageOf, plainText } from '@hoplab/core'
import { writeWhole } from '@hoplab/core/node'
import type { KubeClient } from '@hoplab/kube'
import { addonName } from '@hoplab/model'
import { type ContainerFacts, findContainers } from '../../engine/containers.ts'
import { docker } from '../../engine/docker.ts'
import { clusterName, kindClusterLabel, machineName } from './names.ts'

/** Looks into a node container: file name and argv. */
const looks: [string, string[]][] = [
  ['kubelet.log', ['journalctl', '--no-pager', '--unit', 'kubelet', '--lines', '400']],
  ['containerd.log', ['journalctl', '--no-pager', '--unit', 'containerd', '--lines', '400']],
  ['network.txt', ['sh', '-c', 'ip -d address; ip route show table all; iptables-save; nft list ruleset']],
  ['pod-logs.txt', ['sh', '-c', 'tail -n 60 /var/log/pods/*/*/*.log']],
]

/** Per look, milliseconds: a stuck node must not cost the others theirs. */
const lookMs = 10_000

/** Writes what can be had of a cluster into `folder`. Never throws: what could not be had stands in its file. */
export async function collectEvidence(folder: string, lab: string, kube: KubeClient | undefined, deadline: Deadline): Promise<void> {
  const write = async (name: string, take: (bound: Deadline) => Promise<string>): Promise<void> => {
    using bound = deadline.child(name, lookMs)
    const text = await take(bound).catch((error: unknown) => `not to be had: ${messageOf(error)}\n`)
    await writeWhole(join(folder, name), plainText(text)).catch(() => undefined)
  }
  const found = (filter: string): Promise<ContainerFacts[]> => findContainers([filter], deadline).catch(() => [])
  const [nodes, labelled] = await Promise.all([found(`label=${kindClusterLabel}=${clusterName(lab)}`), found(`label=${labels.lab}=${lab}`)])
  const machines = labelled.filter(({ name }) => addonName.options.some((addon) => machineName(lab, addon) === name))
  await Promise.all([
    write('containers.json', async () => JSON.stringify([...nodes, ...machines], null, 2)),
    ...machines.map(({ name }) => write(`${name}/container.log`, async (bound) => outputOf(await docker(['logs', '--tail', '400', name], { deadline: bound })))),
    ...nodes.flatMap((node) => [
      write(`${node.name}/container.log`, async (bound) => outputOf(await docker(['logs', '--tail', '400', node.name], { deadline: bound }))),
      ...looks.map(([name, argv]) => write(`${node.name}/${name}`, async (bound) => outputOf(await docker(['exec', node.name, ...argv], { deadline: bound })))),
    ]),
    ...(kube ? [
      write('events.json', async (bound) => JSON.stringify(await kube.list({ apiVersion: 'v1', kind: 'Event' }, bound), null, 2)),
      write('nodes.json', async (bound) => JSON.stringify(await kube.list({ apiVersion: 'v1', kind: 'Node' }, bound), null, 2)),
      write('pods-not-ready.json', async (bound) => JSON.stringify(await notReadyPods(kube, bound), null, 2)),
    ] : []),
  ])
}

const outputOf = ({ stdout, stderr }: { stdout: string; stderr: string }): string => `${stdout}${stderr}`

async function notReadyPods(kube: KubeClient, deadline: Deadline): Promise<unknown[]> {
  return (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)).filter((pod) => {
    const { conditions = [] } = (pod.status ?? {}) as { conditions?: { type: string; status: string }[] }
    return !conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
  })
}
