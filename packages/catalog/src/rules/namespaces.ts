import type { HopError } from '@hoplab/core'
import { HOP_LAB_NAMESPACE_FOREIGN } from '../errors.ts'
import type { LoadedLab, LoadedVerb, ManifestObject } from '../loaded-lab.ts'
import { clusterScopedKinds } from '../read/manifests.ts'
import { pointAt } from './position.ts'
import { caseVerbs } from './verbs.ts'

/** Manifests and cases stay inside the lab's namespaces. Faults may break what lies outside: their undo is proven. */
export function namespaceProblems(lab: LoadedLab): HopError[] {
  return [...lab.manifests.flatMap((object) => foreignObject(lab, object)), ...caseVerbs(lab).flatMap((verb) => foreignVerb(lab, verb))]
}

function foreignVerb(lab: LoadedLab, verb: LoadedVerb): HopError[] {
  if ('apply' in verb) return verb.objects.flatMap((object) => foreignObject(lab, object))
  const [key, ref] = 'patch' in verb ? ['patch', verb.patch] as const : 'delete' in verb ? ['delete', verb.delete] as const : ['pod', undefined] as const
  if (ref) return foreign(lab, verb, ref.kind, ref.name, ref.namespace, [key])
  return 'pod' in verb ? foreign(lab, verb, 'Pod', verb.pod.name ?? '', verb.pod.namespace, ['pod']) : []
}

function foreignObject(lab: LoadedLab, object: ManifestObject): HopError[] {
  return foreign(lab, object, object.kind, object.metadata.name, object.metadata.namespace, ['metadata'])
}

function foreign(lab: LoadedLab, value: object, kind: string, name: string, namespace: string | undefined, path: readonly string[]): HopError[] {
  const { namespaces } = lab.file
  const where = kind === 'Namespace' ? name : namespace
  if (clusterScopedKinds.has(kind) ? kind === 'Namespace' && namespaces.includes(name) : where === undefined || namespaces.includes(where)) return []
  const place = clusterScopedKinds.has(kind) && kind !== 'Namespace' ? 'belongs to the whole cluster' : `is outside ${namespaces.join(', ')}`
  return [HOP_LAB_NAMESPACE_FOREIGN({ problem: `${kind} "${name}" ${place}.`, fix: `Put it into the namespace "${namespaces[0]}".` }, pointAt(lab, value, path))]
}
