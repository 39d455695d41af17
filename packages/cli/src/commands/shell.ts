import type { RunningCluster } from '@hoplab/cluster'
import { exec } from '@hoplab/core/node'
import { openUp } from '../compose.ts'
import type { CommandContext } from '../context.ts'
import { HOP_USAGE } from '../errors.ts'
import { execTerminal } from '../exec-terminal.ts'
import { kubectl } from '../kubectl.ts'

/** `hoplab shell [node/N|pod/P|toolbox/N|outside/M] [COMMAND…]` */
export async function run(context: CommandContext): Promise<number> {
  const { run: labRun, lab } = await openUp(context)
  const { deadline } = context
  await using cluster = await labRun.cluster(deadline)
  const [target, ...rest] = context.args
  const command = rest[0] === '--' ? rest.slice(1) : rest
  if (target === undefined) return here(cluster, labRun.spec.name, context)
  const [sort, name] = splitTarget(target)
  if (sort === 'pod') return inPod(name, command, cluster, lab.file.namespaces[0] ?? 'default', context)
  const container = sort === 'node' ? cluster.nodeName(name) : sort === 'outside' ? machineContainer(labRun.spec.name, name, cluster) : toolboxContainer(labRun.spec.name, name, cluster)
  return (await exec('docker', ['exec', ...execTerminal(), container, ...(command.length > 0 ? command : ['bash'])], { deadline, interactive: true })).exitCode
}

type Sort = 'node' | 'pod' | 'toolbox' | 'outside'

function splitTarget(target: string): [Sort, string] {
  const match = /^(node|pod|toolbox|outside)\/(.+)$/u.exec(target)
  if (!match) throw HOP_USAGE({ said: `"${target}" is no place for a shell.`, fix: 'Write node/worker-1, pod/client, toolbox/worker-1 or outside/internet.' })
  return [match[1] as Sort, match[2] ?? '']
}

/** A shell on this machine whose kubectl talks to the lab. */
async function here(cluster: RunningCluster, name: string, { deadline, say }: CommandContext): Promise<number> {
  say(`KUBECONFIG is set for the lab "${name}"; "exit" leaves.`)
  return (await exec(process.env.SHELL || 'sh', [], { deadline, interactive: true, env: { KUBECONFIG: cluster.kubeconfig, HOPLAB_LAB: name } })).exitCode
}

/** `P` or `NAMESPACE/P`; P may be the start of a name, as Deployments add letters. */
async function inPod(name: string, command: readonly string[], cluster: RunningCluster, labNamespace: string, { deadline }: CommandContext): Promise<number> {
  const [pod = '', namespace = labNamespace] = name.split('/').reverse()
  const pods = (await cluster.kube.list({ apiVersion: 'v1', kind: 'Pod', namespace }, deadline)).map((one) => one.metadata.name)
  const found = pods.find((one) => one === pod) ?? pods.find((one) => one.startsWith(pod))
  if (found === undefined) throw HOP_USAGE({ said: `There is no Pod "${pod}" in the namespace ${namespace}.`, fix: `There are: ${pods.join(', ') || 'none'}.` })
  const args = ['exec', '-n', namespace, ...execTerminal(), found, '--', ...(command.length > 0 ? command : ['bash'])]
  return kubectl(args, { kubeconfig: cluster.kubeconfig, controlPlane: cluster.nodeName('control-plane'), deadline })
}

/** `worker-1` → the container beside that node. The name is part of the cluster package's contract: `hoplab-<lab>-toolbox-<position>`. */
function toolboxContainer(lab: string, position: string, cluster: RunningCluster): string {
  cluster.nodeName(position)
  return `hoplab-${lab}-toolbox-${position}`
}

/** `internet` → the container of that add-on, or the lab's gateway. The names are part of the cluster package's contract. */
function machineContainer(lab: string, name: string, { outside }: RunningCluster): string {
  const machines: Record<string, string> = outside ? { internet: `hoplab-${lab}-internet-machine`, gateway: `hoplab-${lab}-gateway`, ...(outside.loadBalancer ? { 'load-balancer': `hoplab-${lab}-load-balancer-machine` } : {}) } : {}
  const found = Object.entries(machines).find(([machine]) => machine === name)?.[1]
  if (found === undefined) throw HOP_USAGE({ said: `The lab "${lab}" has no machine "${name}" outside of its nodes.`, fix: `There are: ${Object.keys(machines).join(', ') || 'none'}.` })
  return found
}
