import type { KubeObject } from '@hoplab/kube'

/** The fields of a Pod that verdicts read. */
export interface Pod extends KubeObject {
  spec?: { nodeName?: string; hostNetwork?: boolean; containers?: Container[]; initContainers?: Container[]; ephemeralContainers?: Container[] }
  status?: { phase?: string; podIP?: string; podIPs?: { ip: string }[]; conditions?: Condition[]; containerStatuses?: ContainerStatus[]; initContainerStatuses?: ContainerStatus[] }
}
/** The fields of a container that verdicts read. */
export interface Container { name: string; image?: string; command?: string[]; volumeMounts?: { mountPath: string }[]; lifecycle?: object
  livenessProbe?: Probe; readinessProbe?: Probe; startupProbe?: Probe
  ports?: { name?: string; containerPort: number; protocol?: string }[]; restartPolicy?: string }
/** What of a container's probe verdicts read. */
export interface Probe { exec?: object; [field: string]: unknown }
/** What the kubelet says of a container. `containerID` as in `containerd://…`. */
export interface ContainerStatus { name: string; containerID?: string; started?: boolean; restartCount?: number; state?: ContainerState; lastState?: ContainerState }
/** How a container is now, or was before. */
export interface ContainerState { waiting?: { reason?: string; message?: string }; running?: { startedAt?: string }; terminated?: { exitCode: number; reason?: string } }
/** A status condition of any object. */
export interface Condition { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }
/** The fields of a Service that verdicts read. */
export interface Service extends KubeObject {
  spec?: { type?: string; clusterIP?: string; externalName?: string; selector?: Record<string, string>; publishNotReadyAddresses?: boolean; internalTrafficPolicy?: string; sessionAffinity?: string
    ports?: { name?: string; port: number; protocol?: string; targetPort?: number | string; nodePort?: number }[] }
  status?: { loadBalancer?: { ingress?: { ip?: string }[] } }
}
/** The fields of an EndpointSlice that verdicts read. */
export interface EndpointSlice extends KubeObject {
  endpoints?: { addresses: string[]; nodeName?: string; hostname?: string; conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }; targetRef?: { kind: string; name: string; namespace?: string; uid?: string } }[] | null
  ports?: { name?: string; port?: number; protocol?: string }[] | null
}
