import { NotMet } from '../kinds/look.ts'
import { Broken } from '../probes/broken.ts'
import { textOf } from '../probes/readings.ts'
import type { Round } from '../round.ts'
import type { ContainerStatus, Pod } from '../scene/kube-shapes.ts'
import { podName, stateOf } from '../scene/pods.ts'

/** Where containerd keeps one folder per running container and sandbox: their runtime specification and the number of their first process. */
export const tasksFolder = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'
const listTasks = `cd ${tasksFolder} && grep -oE '"io\\.kubernetes\\.cri\\.(sandbox-id|container-type)":"[^"]*"' */config.json; grep -H '' */init.pid; true`

/** One running container or sandbox, as the runtime has it. */
interface Task { id: string; sandbox: string; isSandbox: boolean; pid: number }

/** The first process of a container, as its node's kernel has it. */
export interface Process {
  /** Name of the container; undefined for the sandbox. */
  container: string | undefined
  pid: number
  /** Identities of its namespaces: `net:[4026532339]`. */
  spaces: Record<Space, string>
  /** When it began, in ticks since that kernel's boot (proc(5), starttime). */
  began: number
}
const spaces = ['net', 'pid', 'mnt'] as const
/** A sort of namespace. */
export type Space = (typeof spaces)[number]

/** The processes of one Pod. */
export interface PodProcesses { sandbox: Process; sandboxId: string; containers: Process[]; host: Record<Space, string> }

/** All statuses of a Pod's containers, sidecars and other init containers first. */
export const statusesOf = (pod: Pod): ContainerStatus[] => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]

/**
 * The processes of a Pod's running containers: the kubelet says which containers run, the runtime which process is theirs, the kernel in which
 * namespaces that process is. Rejects with {@link Broken} where these are not of one moment: a container that ends is gone from one first.
 */
export async function processesOf(round: Round, pod: Pod): Promise<PodProcesses> {
  const node = pod.spec?.nodeName ?? ''
  const tasks = await tasksOn(round, node)
  const running = statusesOf(pod).filter(({ state }) => state?.running)
  if (running.length === 0) throw new NotMet(`No container of Pod ${podName(pod)} runs: ${stateOf(pod)}.`)
  const found = running.map((status) => ({ container: status.name, task: tasks.get(idOf(status)) }))
  const lost = found.find(({ task }) => task === undefined)
  if (lost) throw new Broken(`The runtime of ${node} does not have container ${lost.container} of Pod ${podName(pod)}, which the kubelet says is running.`, { hopeless: false })
  const sandboxId = found[0]?.task?.sandbox ?? ''
  const sandbox = tasks.get(sandboxId)
  if (!sandbox?.isSandbox || found.some(({ task }) => task?.sandbox !== sandboxId)) throw new Broken(`The runtime of ${node} does not say which sandbox is that of Pod ${podName(pod)}.`, { hopeless: false })
  const pids = [1, sandbox.pid, ...found.map(({ task }) => task?.pid ?? 0)]
  const [host, pause, ...processes] = await readProcesses(round, node, pids)
  if (!host || !pause) throw new Broken(`The processes of ${node} could not be read.`, { hopeless: false })
  return {
    host: host.spaces, sandboxId, sandbox: { container: undefined, ...pause },
    containers: processes.map((process, index) => ({ container: found[index]?.container, ...process })),
  }
}

/** Container id of a status without its scheme. */
export const idOf = ({ containerID }: ContainerStatus): string => containerID?.replace(/^[a-z]+:\/\//u, '') ?? ''

async function tasksOn(round: Round, node: string): Promise<Map<string, Task>> {
  const text = textOf(await round.readings.of(node, ['nsenter', '-t', '1', '-m', '--', 'sh', '-c', listTasks]), `the containers of ${node}`)
  const tasks = new Map<string, Task>()
  for (const line of text.split('\n')) {
    const [, id, file, value] = /^([^/]+)\/(config\.json|init\.pid):(.*)$/u.exec(line) ?? []
    if (id === undefined) continue
    const task = tasks.get(id) ?? { id, sandbox: '', isSandbox: false, pid: 0 }
    tasks.set(id, task)
    const [, key, content = ''] = /^"io\.kubernetes\.cri\.([a-z-]+)":"([^"]*)"$/u.exec(value ?? '') ?? []
    if (file === 'init.pid') task.pid = Number(value)
    else if (key === 'sandbox-id') task.sandbox = content
    else if (key === 'container-type') task.isSandbox = content === 'sandbox'
  }
  return new Map([...tasks].filter(([, { pid, sandbox }]) => Number.isInteger(pid) && pid > 1 && sandbox !== ''))
}

async function readProcesses(round: Round, node: string, pids: readonly number[]): Promise<Omit<Process, 'container'>[]> {
  const [links, stats] = await Promise.all([
    round.readings.of(node, ['readlink', ...pids.flatMap((pid) => spaces.map((space) => `/proc/${pid}/ns/${space}`))]), round.readings.of(node, ['cat', ...pids.map((pid) => `/proc/${pid}/stat`)]),
  ])
  const what = `the processes of ${node}`
  const names = textOf(links, what).trimEnd().split('\n')
  const lines = textOf(stats, what).trimEnd().split('\n')
  if (names.length !== pids.length * spaces.length || lines.length !== pids.length) throw new Broken(`Not all processes of Pods on ${node} could be read.`, { hopeless: false })
  return pids.map((pid, index) => {
    const [net = '', pidSpace = '', mnt = ''] = names.slice(index * spaces.length, (index + 1) * spaces.length)
    // Behind the name, which is in brackets and may hold anything, the 20th field is the 22nd of proc(5): starttime.
    const began = Number(/^\d+ .*\) (.*)$/u.exec(lines[index] ?? '')?.[1]?.split(' ')[19] ?? Number.NaN)
    if (![net, pidSpace, mnt].every((name) => /^[a-z]+:\[\d+\]$/u.test(name)) || Number.isNaN(began) || Number.parseInt(lines[index] ?? '', 10) !== pid) throw new Broken(`What was read of process ${pid} on ${node} is nothing a kernel writes.`, { hopeless: false })
    return { pid, spaces: { net, pid: pidSpace, mnt }, began }
  })
}
