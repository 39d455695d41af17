import { homeMount } from '../../engine/marks.ts'
import type { ClusterSpec } from '../../port.ts'

/** Configuration for `kind create cluster --config -`. JSON, which is YAML too. */
export function kindConfig(spec: ClusterSpec): string {
  const extraMounts = [homeMount()]
  return JSON.stringify({
    kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: {
      ipFamily: 'ipv4', apiServerAddress: '127.0.0.1', disableDefaultCNI: true,
      kubeProxyMode: spec.proxyMode, podSubnet: spec.podSubnet, serviceSubnet: spec.serviceSubnet,
    },
    nodes: [{ role: 'control-plane', extraMounts }, ...Array.from({ length: spec.workers }, () => ({ role: 'worker', extraMounts }))],
  })
}
