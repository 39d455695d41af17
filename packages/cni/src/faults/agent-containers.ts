import { type Deadline, plainLine } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'

interface ContainerStatus { name: string; image?: string; ready?: boolean; state?: State; lastState?: State }
interface State { running?: object; waiting?: { reason?: string; message?: string }; terminated?: { exitCode: number; message?: string } }

/** A container of an agent that does not run, and why, in the kubelet's or its own last words. */
export interface ContainerDown { cause: 'image missing' | 'ended'; node: string; image: string; said: string }

/** Reasons of the kubelet for an image that the node neither has nor gets. */
const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError']

/**
 * Containers of a DaemonSet whose image is not there, or that ended with an error and have not come up since, each with the last line of what was said:
 * without it one sees only that a Pod is not ready. Empty where there is no such DaemonSet.
 */
export async function containersDown(kube: KubeClient, set: { namespace: string; name: string }, deadline: Deadline): Promise<ContainerDown[]> {
  const found = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', ...set }, deadline)
  const selected = (found?.spec as { selector?: { matchLabels?: Record<string, string> } } | undefined)?.selector?.matchLabels
  if (!selected) return []
  const labelSelector = Object.entries(selected).map(([key, value]) => `${key}=${value}`).join(',')
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: set.namespace, labelSelector }, deadline)
  // One that is being replaced ends as it likes.
  return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(downIn)
}

function downIn(pod: KubeObject): ContainerDown[] {
  const { nodeName: node = 'no node' } = (pod.spec ?? {}) as { nodeName?: string }
  const { initContainerStatuses = [], containerStatuses = [] } = (pod.status ?? {}) as { initContainerStatuses?: ContainerStatus[]; containerStatuses?: ContainerStatus[] }
  return [...initContainerStatuses, ...containerStatuses].flatMap(({ name, image = '', ready, state, lastState }): ContainerDown[] => {
    const { reason = '', message = '' } = state?.waiting ?? {}
    if (imageReasons.includes(reason)) return [{ cause: 'image missing', node, image, said: plainLine(`${name} on ${node}: ${reason}${message === '' ? '' : `: ${message}`}`, 300) }]
    const ended = state?.terminated ?? lastState?.terminated
    if (ready || ended === undefined || ended.exitCode === 0) return []
    const last = (ended.message ?? '').trim().split('\n').at(-1) ?? ''
    return [{ cause: 'ended', node, image, said: `${name} on ${node} ended with exit code ${ended.exitCode}${last === '' ? '' : `: ${plainLine(last, 400)}`}` }]
  })
}
