import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { PodRef } from '@hoplab/model'
import { HOP_POD_NOT_FOUND } from './errors.ts'

/** A Pod reference as people read it. */
export function describePod(ref: PodRef, namespace: string): string {
  const which = ref.name ?? Object.entries(ref.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
  return `${ref.namespace ?? namespace}/${which}`
}

/** The Pods a reference means, by name: running ones that are not being deleted. */
export async function runningPods(ref: PodRef, namespace: string, kube: KubeClient, deadline: Deadline): Promise<KubeObject[]> {
  const selector = Object.entries(ref.labels ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
  const pods = await kube.list(
    { apiVersion: 'v1', kind: 'Pod', namespace: ref.namespace ?? namespace, ...(selector ? { labelSelector: selector } : {}) }, deadline)
  return pods
    .filter((pod) => (ref.name === undefined || pod.metadata.name === ref.name) && pod.metadata.deletionTimestamp === undefined)
    .filter((pod) => (pod.status as { phase?: string } | undefined)?.phase === 'Running')
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** The first of {@link runningPods}. @throws HOP_POD_NOT_FOUND */
export async function onePod(ref: PodRef, namespace: string, purpose: string, kube: KubeClient, deadline: Deadline): Promise<KubeObject> {
  const [first] = await runningPods(ref, namespace, kube, deadline)
  if (!first) throw HOP_POD_NOT_FOUND({ pod: describePod(ref, namespace), purpose })
  return first
}

/** The value at a dotted path such as `status.podIP` or `spec.ports[0].port`; undefined when there is none. */
export function fieldAt(object: unknown, path: string): unknown {
  const keys = path.replace(/\[(\d+)\]/gu, '.$1').split('.').filter((key) => key !== '')
  return keys.reduce<unknown>((value, key) =>
    value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined, object)
}
