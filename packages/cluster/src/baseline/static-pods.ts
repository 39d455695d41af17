import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { parse } from 'yaml'

/** What a static Pod is called in its file. */
export interface StaticPod { name: string; namespace: string }

/** Set by a kubelet on the object it writes for a Pod that the API did not ask for. */
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** The Pod that a manifest asks a kubelet for; undefined when it is none. */
export function staticPodIn(text: string): StaticPod | undefined {
  let read: { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } } | null
  try { read = parse(text) as typeof read } catch { return undefined }
  const { name, namespace } = read?.metadata ?? {}
  return read?.kind === 'Pod' && typeof name === 'string' ? { name, namespace: typeof namespace === 'string' ? namespace : 'default' } : undefined
}

/** What the API calls it. */
export const mirrorName = ({ name }: StaticPod, node: string): string => `${name}-${node}`

/** What the API is told of static Pods of a node; its kubelet takes such an object away when the Pod has ended. */
export async function mirrorsOf(kube: KubeClient, node: string, deadline: Deadline): Promise<KubeObject[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${node}` }, deadline)
  return pods.filter(({ metadata }) => metadata.annotations?.[mirrorAnnotation] !== undefined)
}
