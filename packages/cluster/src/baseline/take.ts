import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import type { Baseline, Toolbox } from '../port.ts'
import { nodeState } from './node-state.ts'
import { clusterObjects, labObjects } from './objects.ts'

/** A cluster whose state can be stored and put back. */
export interface BaselineSubject {
  kube: KubeClient
  nodes: readonly { name: string }[]
  toolbox(node: string): Toolbox
  /** Namespace of the CNI's agent and its configuration. */
  readonly cniNamespace: string
}

/** Everything that a reset puts back or compares. */
export async function baselineOf(subject: BaselineSubject, namespaces: readonly string[], deadline: Deadline): Promise<Baseline> {
  const { kube } = subject
  const offered = await kube.resourceTypes(deadline)
  const [lab, own, nodes] = await Promise.all([
    labObjects(kube, offered, namespaces, deadline), clusterObjects(kube, offered, subject.cniNamespace, deadline), nodeStates(subject, deadline),
  ])
  return { takenAt: deadline.clock.timestamp(), objects: [...lab, ...own].map(withoutManagedFields), nodes }
}

/** {@link nodeState} of every node, by Node name. */
export async function nodeStates(subject: BaselineSubject, deadline: Deadline): Promise<Record<string, Record<string, string>>> {
  return Object.fromEntries(await Promise.all(subject.nodes.map(async ({ name }) => [name, await nodeState(subject.toolbox(name), deadline)] as const)))
}

/** Managed fields are half of an object's size and never sent back. */
function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managed, ...metadata } = object.metadata
  return { ...object, metadata }
}
