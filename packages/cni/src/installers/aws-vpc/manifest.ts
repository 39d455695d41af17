import type { KubeObject } from '@hoplab/kube'
import { accessObjects, agentName, awsVpcNamespace } from './access.ts'
import { agentPodSpec } from './agent-pod.ts'
import { metadataPodSpec, type MetadataSettings } from './metadata-pod.ts'

export const metadataName = 'instance-metadata'

/** Everything the plugin needs, in the order in which it must be applied. */
export function awsVpcObjects(settings: MetadataSettings): KubeObject[] {
  return [...accessObjects(), daemonSet(metadataName, metadataPodSpec(settings)), daemonSet(agentName, agentPodSpec(settings.image))]
}

function daemonSet(name: string, spec: object): KubeObject {
  const labels = { 'k8s-app': name }
  return {
    apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: awsVpcNamespace, labels },
    spec: {
      selector: { matchLabels: labels }, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%' } },
      template: { metadata: { labels }, spec },
    },
  }
}
