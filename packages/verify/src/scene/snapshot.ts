import type { Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { LabView } from '../port.ts'
import type { EndpointSlice, Pod, Service } from './kube-shapes.ts'

/** Namespace of the control Pods, which nothing in a lab may touch. */
export const controlNamespace = 'hoplab-control'

/** What the API said at one moment: the whole cluster's, because a lab's is small and one list each is the fewest requests. */
export interface Snapshot { pods: Pod[]; services: Service[]; slices: EndpointSlice[] }

/** Reads Pods, Services and EndpointSlices of all namespaces. Throws what the client throws. */
export async function takeSnapshot(view: LabView, deadline: Deadline): Promise<Snapshot> {
  const [pods, services, slices] = await Promise.all([
    view.kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline),
    view.kube.list({ apiVersion: 'v1', kind: 'Service' }, deadline),
    view.kube.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, deadline),
  ])
  return { pods: pods as Pod[], services: services as Service[], slices: slices as EndpointSlice[] }
}

/** When each node's kubelet last wrote its heartbeat, in milliseconds of that kubelet's own clock. */
export type Heartbeats = ReadonlyMap<string, number>

/** What decides whether the cluster is still on its way to what was last asked of it. */
export interface Progressing { workloads: KubeObject[]; policies: KubeObject[]; heartbeats: Heartbeats }

/** Reads workloads and NetworkPolicies of all namespaces, and the kubelets' heartbeats. */
export async function takeProgressing(view: LabView, deadline: Deadline): Promise<Progressing> {
  const [leases, policies, ...workloads] = await Promise.all([
    view.kube.list({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease' }, deadline),
    view.kube.list({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }, deadline),
    ...['Deployment', 'DaemonSet', 'StatefulSet'].map((kind) => view.kube.list({ apiVersion: 'apps/v1', kind }, deadline)),
  ])
  const heartbeats = new Map(leases.map((lease) => [lease.metadata.name, Date.parse((lease.spec as { renewTime?: string } | undefined)?.renewTime ?? '')]))
  return { policies, heartbeats, workloads: workloads.flat() }
}
