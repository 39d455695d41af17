import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, HopError, poll } from '@hoplab/core'
import type { KubeObject, KubeRef } from '@hoplab/kube'
import type { LabFile, ObjectRef } from '@hoplab/model'
import { HOP_NODE_COMMAND_DENIED, HOP_VERB_FAILED } from './errors.ts'
import { onePod } from './find-pod.ts'
import { withTrueImages } from './images.ts'
import { withLiveValues } from './live-values.ts'
import type { ReadVerb } from './material.ts'

/** What carrying out verbs needs. */
export interface VerbContext {
  cluster: RunningCluster
  lab: LabFile
  /** Image names of manifests → true references. */
  images: Readonly<Record<string, string>>
  /** Whose verbs they are, for messages: `solution 1-mend-service`. */
  where: string
  deadline: Deadline
}

/** A deleted object that is not gone after this is reported. Milliseconds; longer than a Pod's default grace period of 30 s. */
const goneWithinMs = 60_000

/**
 * Carries out verbs in order and stops at the first that fails.
 * @throws HOP_VERB_FAILED, HOP_NODE_COMMAND_DENIED, HOP_POD_NOT_FOUND
 */
export async function carryOut(verbs: readonly ReadVerb[], context: VerbContext): Promise<void> {
  for (const verb of verbs) {
    try {
      await carryOutOne(verb, context)
    } catch (error) {
      if (error instanceof HopError && error.code === 'HOP_KUBE_REFUSED') {
        throw HOP_VERB_FAILED({ verb: describeVerb(verb), where: context.where, output: `${error.facts.what} ${error.facts.why}` }, { cause: error })
      }
      throw error
    }
  }
}

/** A verb as one line. */
export function describeVerb(verb: ReadVerb): string {
  if ('apply' in verb) return `apply ${verb.apply}`
  if ('delete' in verb) return `delete ${verb.delete.kind} ${verb.delete.name}`
  if ('patch' in verb) return `patch ${verb.patch.kind} ${verb.patch.name}`
  if ('pod' in verb) return `pod ${verb.argv.join(' ')}`
  return `node ${verb.node} ${verb.argv.join(' ')}`
}

async function carryOutOne(verb: ReadVerb, context: VerbContext): Promise<void> {
  if ('apply' in verb) return applyObjects(verb.objects, context)
  if ('delete' in verb) return deleteAndWait(refOf(verb.delete, context.lab), context)
  if ('patch' in verb) return patch(verb, context)
  if ('pod' in verb) return inPod(verb, context)
  return onNode(verb, context)
}

async function patch(verb: Extract<ReadVerb, { patch: unknown }>, context: VerbContext): Promise<void> {
  const { cluster: { kube }, lab, deadline, images } = context
  const value = await withLiveValues(verb.value, { kube, namespace: lab.namespaces[0] ?? 'default', deadline })
  await kube.patch(refOf(verb.patch, lab), verb.type, withTrueImages(value, images), deadline)
}

/** Server-side apply in order, Namespaces first. Live values are read just before their object is applied. @throws HOP_POD_NOT_FOUND, HOP_LIVE_VALUE_UNREADABLE */
export async function applyObjects(objects: readonly KubeObject[], context: Pick<VerbContext, 'lab' | 'images' | 'deadline'> & { cluster: Pick<RunningCluster, 'kube'> }): Promise<void> {
  const { cluster: { kube }, lab, images, deadline } = context
  const ordered = [...objects].sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))
  const source = { kube, namespace: lab.namespaces[0] ?? 'default', deadline }
  for (const object of ordered) await kube.apply(inNamespace(withTrueImages(await withLiveValues(object, source), images) as KubeObject, lab), deadline)
}

/** Kinds that labs use and that live outside namespaces; everything else without a namespace goes to the lab's first. */
const clusterScoped = new Set(['Namespace', 'Node', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass', 'PriorityClass', 'CustomResourceDefinition', 'IPAddress', 'ServiceCIDR'])

function inNamespace(object: KubeObject, lab: LabFile): KubeObject {
  if (object.metadata.namespace !== undefined || clusterScoped.has(object.kind)) return object
  return { ...object, metadata: { ...object.metadata, namespace: lab.namespaces[0] ?? 'default' } }
}

function refOf(ref: ObjectRef, lab: LabFile): KubeRef {
  const namespace = ref.namespace ?? (clusterScoped.has(ref.kind) ? undefined : lab.namespaces[0])
  return { apiVersion: ref.apiVersion, kind: ref.kind, name: ref.name, ...(namespace === undefined ? {} : { namespace }) }
}

async function deleteAndWait(ref: KubeRef, context: VerbContext): Promise<void> {
  const { cluster: { kube }, deadline, where } = context
  const before = await kube.get(ref, deadline)
  await kube.delete(ref, deadline, { propagation: 'Foreground' })
  // Another object of the same name may be made at once by a controller: gone means that this uid is gone.
  const gone = await poll(() => kube.get(ref, deadline), { deadline, withinMs: goneWithinMs, until: (now) => now?.metadata.uid !== before?.metadata.uid || now === undefined })
  if (!gone.ok) throw HOP_VERB_FAILED({ verb: `delete ${ref.kind} ${ref.name}`, where, output: `It still exists after ${goneWithinMs / 1000} s.` })
}

async function inPod(verb: Extract<ReadVerb, { pod: unknown }>, context: VerbContext): Promise<void> {
  const { cluster: { kube }, lab, deadline, where } = context
  const pod = await onePod(verb.pod, lab.namespaces[0] ?? 'default', `to run ${verb.argv[0]} in`, kube, deadline)
  const target = { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, ...(verb.container ? { container: verb.container } : {}) }
  const result = await kube.exec(target, verb.argv, deadline)
  if (result.exitCode !== 0) throw HOP_VERB_FAILED({ verb: describeVerb(verb), where, output: `exit code ${result.exitCode}: ${result.stderr || result.stdout}` })
}

async function onNode(verb: Extract<ReadVerb, { node: string }>, context: VerbContext): Promise<void> {
  const { cluster, lab, deadline, where } = context
  const program = verb.argv[0] ?? ''
  if (!lab.nodeCommands.includes(program)) throw HOP_NODE_COMMAND_DENIED({ program, allowed: lab.nodeCommands })
  const result = await cluster.toolbox(cluster.nodeName(verb.node)).exec(verb.argv, { deadline })
  if (result.exitCode !== 0) throw HOP_VERB_FAILED({ verb: describeVerb(verb), where, output: `exit code ${result.exitCode}: ${result.stderr || result.stdout}` })
}
