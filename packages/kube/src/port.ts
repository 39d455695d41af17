import type { Deadline } from '@hoplab/core'

/** Any Kubernetes object, as JSON. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string; generation?: number
    labels?: Record<string, string>; annotations?: Record<string, string>; creationTimestamp?: string; deletionTimestamp?: string
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]; [field: string]: unknown }
  [field: string]: unknown
}

/** Which object. `namespace` absent = cluster-scoped. */
export interface KubeRef { apiVersion: string; kind: string; name: string; namespace?: string }

/** Which objects. `namespace` absent = all namespaces or cluster-scoped. */
export interface KubeListRef { apiVersion: string; kind: string; namespace?: string; labelSelector?: string; fieldSelector?: string }

/** How a patch body is to be read. */
export type PatchType = 'merge' | 'json' | 'strategic'

/** A resource type the API server offers. */
export interface ResourceType { apiVersion: string; kind: string; plural: string; namespaced: boolean; verbs: string[] }

/**
 * The narrow port to the Kubernetes API: everything hoplab does with it.
 * Every call throws `HOP_KUBE_UNREACHABLE` (exit 3) when the API server cannot be reached before the deadline or answers 429 or 5xx,
 * `HOP_KUBE_REFUSED` (carrying status code and the server's reason) when it answers with an error.
 */
export interface KubeClient {
  /** The object, or undefined when it does not exist. */
  get(ref: KubeRef, deadline: Deadline): Promise<KubeObject | undefined>
  /** All matching objects; follows pages. Items carry apiVersion and kind. */
  list(ref: KubeListRef, deadline: Deadline): Promise<KubeObject[]>
  /** Server-side apply as field manager `hoplab`, forced: creates or takes over the fields that are given. */
  apply(object: KubeObject, deadline: Deadline): Promise<KubeObject>
  create(object: KubeObject, deadline: Deadline): Promise<KubeObject>
  /** PUT of the whole object. */
  replace(object: KubeObject, deadline: Deadline): Promise<KubeObject>
  patch(ref: KubeRef, type: PatchType, body: unknown, deadline: Deadline): Promise<KubeObject>
  /** Deletes and returns at once; a missing object is no error. Wait with {@link get}. */
  delete(ref: KubeRef, deadline: Deadline, options?: { gracePeriodSeconds?: number; propagation?: 'Background' | 'Foreground' | 'Orphan' }): Promise<void>
  /** What the server offers, discovered. */
  resourceTypes(deadline: Deadline): Promise<ResourceType[]>
  /** `v1.34.2`. Also the cheapest question whether the server lives. */
  version(deadline: Deadline): Promise<string>
  /** Runs argv inside a container; real exit code. Inconclusive endings (connection dropped, no status) throw `HOP_KUBE_EXEC_CUT`. */
  exec(ref: { namespace: string; pod: string; container?: string }, argv: string[], deadline: Deadline): Promise<{ exitCode: number; stdout: string; stderr: string }>
}
