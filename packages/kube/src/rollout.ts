import type { Deadline } from '@hoplab/core'
import type { KubeClient } from './port.ts'

interface DaemonSetStatus { observedGeneration?: number; desiredNumberScheduled?: number; updatedNumberScheduled?: number; numberAvailable?: number }

/** What a DaemonSet still lacks to run its newest version on `nodeCount` nodes; empty when nothing. */
export async function daemonSetPending(
  kube: KubeClient, ref: { namespace: string; name: string }, nodeCount: number, deadline: Deadline,
): Promise<string[]> {
  const found = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...ref }, deadline)
  const name = `DaemonSet ${ref.namespace}/${ref.name}`
  if (!found) return [`${name} does not exist`]
  const status = (found.status ?? {}) as DaemonSetStatus
  if ((status.observedGeneration ?? 0) < (found.metadata.generation ?? 0)) return [`${name} has a change that its controller has not seen yet`]
  const counts: [number | undefined, string][] = [
    [status.desiredNumberScheduled, 'is meant to run on'], [status.updatedNumberScheduled, 'runs its newest version on'], [status.numberAvailable, 'is available on'],
  ]
  const lacking = counts.find(([count]) => (count ?? 0) !== nodeCount)
  return lacking ? [`${name} ${lacking[1]} ${lacking[0] ?? 0} of ${nodeCount} nodes`] : []
}

interface DeploymentStatus { observedGeneration?: number; updatedReplicas?: number; availableReplicas?: number; replicas?: number }

/** What a Deployment still lacks to run its newest version with all its replicas and no older ones; empty when nothing. */
export async function deploymentPending(kube: KubeClient, ref: { namespace: string; name: string }, deadline: Deadline): Promise<string[]> {
  const found = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', ...ref }, deadline)
  const name = `Deployment ${ref.namespace}/${ref.name}`
  if (!found) return [`${name} does not exist`]
  const status = (found.status ?? {}) as DeploymentStatus
  if ((status.observedGeneration ?? 0) < (found.metadata.generation ?? 0)) return [`${name} has a change that its controller has not seen yet`]
  const wanted = (found.spec as { replicas?: number } | undefined)?.replicas ?? 1
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status
  if (updatedReplicas < wanted) return [`${name} has ${updatedReplicas} of ${wanted} Pods of its newest version`]
  if (availableReplicas < wanted) return [`${name} has ${availableReplicas} of ${wanted} Pods available`]
  return replicas > wanted ? [`${name} still has ${replicas - wanted} Pods of an older version`] : []
}
