import type { Deadline } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'

/** Namespace of the Pods that nothing in a lab may touch: every network check is believed only beside them. */
export const controlNamespace = 'hoplab-control'
export const controlPort = 8080
const name = 'control'
const labels = { 'hoplab.dev/role': 'control' }

/** One server Pod per node, the control plane included, and a Service in front of them. */
export function controlObjects(image: string): KubeObject[] {
  const metadata = { name, namespace: controlNamespace, labels }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: controlNamespace, labels } },
    // Its own account, because the default one comes later than the first Pod is tried when the cluster boots.
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ name: 'http', port: controlPort, targetPort: controlPort }] } },
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata,
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: { metadata: { labels }, spec: podSpec(image) },
      },
    },
  ]
}

const podSpec = (image: string): object => ({
  serviceAccountName: name, automountServiceAccountToken: false, priorityClassName: 'system-node-critical', terminationGracePeriodSeconds: 1,
  tolerations: [{ operator: 'Exists' }],
  containers: [{
    name: 'echo', image, imagePullPolicy: 'IfNotPresent', env: [{ name: 'ECHO_LISTEN', value: `:${controlPort}` }],
    ports: [{ containerPort: controlPort }], readinessProbe: { httpGet: { path: '/healthz', port: controlPort }, periodSeconds: 1 },
    resources: { requests: { cpu: '5m', memory: '8Mi' } },
  }],
})

/** A control Pod that runs. */
export interface ControlPod { node: string; uid: string; ip: string }

/** Control Pods that have an address and are not going away. */
export async function controlPods(kube: KubeClient, deadline: Deadline): Promise<ControlPod[]> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: controlNamespace, labelSelector: 'hoplab.dev/role=control' }, deadline)
  return pods.filter((pod) => pod.metadata.deletionTimestamp === undefined).flatMap((pod) => {
    const { podIP } = (pod.status ?? {}) as { podIP?: string }
    const { nodeName } = pod.spec as { nodeName?: string }
    return podIP && nodeName && pod.metadata.uid ? [{ node: nodeName, uid: pod.metadata.uid, ip: podIP }] : []
  })
}
