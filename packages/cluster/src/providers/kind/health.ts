import { type Deadline, messageOf } from '@hoplab/core'
import { daemonSetPending, deploymentPending, type KubeClient, type KubeObject } from '@hoplab/kube'
import type { NetworkInstaller, Toolbox } from '../../port.ts'
import { controlNamespace, controlPods } from './control-pods.ts'
import { probeFromNode } from './control-probes.ts'

/** What health is judged from. */
export interface HealthSubject {
  kube: KubeClient
  network: NetworkInstaller
  /** Node names that must exist and be Ready. */
  nodeNames: readonly string[]
  toolbox: (node: string) => Toolbox
}

/** Everything that is not as it must be, cheapest questions first; probes are sent only when the API shows no gap. */
export async function unhealthyReasons(subject: HealthSubject, deadline: Deadline): Promise<string[]> {
  try {
    const declared = await declaredGaps(subject, deadline)
    return declared.length > 0 ? declared : await observedGaps(subject, deadline)
  } catch (error) {
    deadline.throwIfOver()
    return [messageOf(error)]
  }
}

async function declaredGaps({ kube, network, nodeNames }: HealthSubject, deadline: Deadline): Promise<string[]> {
  const nodeCount = nodeNames.length
  const gaps = await Promise.all([
    nodesNotReady(kube, nodeNames, deadline),
    network.pending({ kube, nodeCount }, deadline),
    daemonSetPending(kube, { namespace: 'kube-system', name: 'kube-proxy' }, nodeCount, deadline),
    daemonSetPending(kube, { namespace: controlNamespace, name: 'control' }, nodeCount, deadline),
    deploymentPending(kube, { namespace: 'kube-system', name: 'coredns' }, deadline),
  ])
  return gaps.flat()
}

async function nodesNotReady(kube: KubeClient, nodeNames: readonly string[], deadline: Deadline): Promise<string[]> {
  const nodes = new Map((await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)).map((node) => [node.metadata.name, node]))
  return nodeNames.flatMap((name) => {
    const node = nodes.get(name)
    if (!node) return [`Node ${name} has not joined`]
    return isReady(node) ? [] : [`Node ${name} is not Ready`]
  })
}

/** Whether the Node's own condition says Ready. */
export function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True')
}

async function observedGaps({ kube, nodeNames, toolbox }: HealthSubject, deadline: Deadline): Promise<string[]> {
  const pods = await controlPods(kube, deadline)
  const missing = nodeNames.filter((node) => !pods.some((pod) => pod.node === node)).map((node) => `no control Pod on ${node}`)
  if (missing.length > 0) return missing
  const reasons = await Promise.all(pods.map((pod) => probeFromNode(toolbox(pod.node), pod, pods.filter((other) => other !== pod), deadline)))
  return reasons.flat()
}
