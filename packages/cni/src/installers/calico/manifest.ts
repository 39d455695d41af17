import type { KubeObject } from '@hoplab/kube'
import { accessObjects, calicoNamespace } from './access.ts'
import { conflistTemplate, type NodePodSettings, nodePodSpec } from './node-pod.ts'

export const calicoDaemonSet = 'calico-node'
/** By these labels every text about Calico finds its Pods. */
const labels = { 'k8s-app': calicoDaemonSet }

/** Everything Calico needs beside its kinds, in the order in which it must be applied. */
export function calicoObjects(settings: NodePodSettings): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: calicoNamespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    ...accessObjects(),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'calico-config', namespace: calicoNamespace, labels }, data: { cni_network_config: `${JSON.stringify(conflistTemplate, null, 2)}\n` } },
    {
      apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: calicoDaemonSet, namespace: calicoNamespace, labels },
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
        template: { metadata: { labels }, spec: nodePodSpec(settings) },
      },
    },
  ]
}
