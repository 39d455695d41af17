import { type Deadline, plainLine } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { awsVpcNamespace } from './access.ts'

interface ContainerStatus { name: string; ready?: boolean; state?: State; lastState?: State }
interface State { running?: object; terminated?: { exitCode: number; message?: string } }

/**
 * Containers of a DaemonSet that ended with an error and have not come up since, each with the last line of what it said: without it one sees only that
 * a Pod is not ready.
 */
export async function stumblesOf(kube: KubeClient, daemonSet: string, deadline: Deadline): Promise<string[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: awsVpcNamespace, labelSelector: `k8s-app=${daemonSet}` }, deadline)
  // One that is being replaced ends as it likes.
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(stumblesIn)
}

function stumblesIn(pod: KubeObject): string[] {
  const { nodeName } = pod.spec as { nodeName?: string }
  const { initContainerStatuses = [], containerStatuses = [] } = (pod.status ?? {}) as { initContainerStatuses?: ContainerStatus[]; containerStatuses?: ContainerStatus[] }
  return [...initContainerStatuses, ...containerStatuses].flatMap(({ name, ready, state, lastState }) => {
    const ended = state?.terminated ?? lastState?.terminated
    if (ready || ended === undefined || ended.exitCode === 0) return []
    const last = (ended.message ?? '').trim().split('\n').at(-1) ?? ''
    return [`${name} on ${nodeName ?? 'no node'} ended with exit code ${ended.exitCode}${last === '' ? '' : `: ${plainLine(last, 400)}`}`]
  })
}
