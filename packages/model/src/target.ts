import { z } from 'zod'
import { slug } from './text.ts'

const labelSelector = z.record(z.string(), z.string()).refine((labels) => Object.keys(labels).length > 0, 'must name at least one label')

/** One or several Pods: by name or by labels. Namespace defaults to the lab's first. */
export const podRef = z.strictObject({
  namespace: slug.optional(),
  name: z.string().optional(),
  labels: labelSelector.optional(),
}).refine((pod) => (pod.name === undefined) !== (pod.labels === undefined), 'must have either "name" or "labels"')
/** See {@link podRef}. */
export type PodRef = z.infer<typeof podRef>

/** Where a probe starts: in a Pod's network namespace, in a node's, or on the host beyond the lab's gateway (add-on `internet`). */
export const probeOrigin = z.union([
  z.strictObject({ pod: podRef }),
  /** `worker-1`, `worker-2`, `control-plane`: position in the cluster, not a container name. */
  z.strictObject({ node: z.string() }),
  z.strictObject({ outside: z.literal('internet') }),
])
/** See {@link probeOrigin}. */
export type ProbeOrigin = z.infer<typeof probeOrigin>

const port = z.int().min(1).max(65_535)

/** Where a probe goes. */
export const probeTarget = z.union([
  /**
   * A Service by DNS name (`via: name`, default), by ClusterIP (`via: cluster-ip`), or as from outside: by the NodePort of `port` at the address of
   * `node`, a position such as `worker-2` (`via: node-port`), or at the address that a load balancer gave it (`via: load-balancer`).
   */
  z.strictObject({ service: slug, namespace: slug.optional(), port, via: z.enum(['name', 'cluster-ip', 'node-port', 'load-balancer']).optional(), node: z.string().optional() })
    .refine(({ via, node }) => (via === 'node-port') === (node !== undefined), { path: ['node'], message: 'goes with "via: node-port", and that needs it' }),
  z.strictObject({ pod: podRef, port }),
  /** The host beyond the lab's gateway (add-on `internet`), which listens on 8080. */
  z.strictObject({ outside: z.literal('internet'), port }),
  /** A place nothing may answer from; resolved by the cluster when the check runs. */
  z.strictObject({ nobody: z.enum(['cluster-ip', 'pod-ip', 'gateway', 'link-local', 'public']), port }),
])
/** See {@link probeTarget}. */
export type ProbeTarget = z.infer<typeof probeTarget>

/** One object of the Kubernetes API. */
export const objectRef = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
})
/** See {@link objectRef}. */
export type ObjectRef = z.infer<typeof objectRef>
