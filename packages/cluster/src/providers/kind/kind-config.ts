import { positionLabel } from '@hoplab/core'
import type { ClusterNeeds } from '@hoplab/model'
import { homeMount } from '../../engine/marks.ts'
import type { ClusterSpec } from '../../port.ts'
import { positions } from './names.ts'

/** Configuration for `kind create cluster --config -`. JSON, which is YAML too. */
export function kindConfig(spec: ClusterSpec, { kubeadm = [] }: ClusterNeeds = {}): string {
  const extraMounts = [homeMount()]
  return JSON.stringify({
    kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: {
      ipFamily: 'ipv4', apiServerAddress: '127.0.0.1', disableDefaultCNI: true,
      kubeProxyMode: spec.proxyMode, podSubnet: spec.podSubnet, serviceSubnet: spec.serviceSubnet,
    },
    ...(kubeadm.length === 0 ? {} : { kubeadmConfigPatches: kubeadm.map((patch) => JSON.stringify(patch)) }),
    // kind names workers in this order, so the first of them is what everybody calls worker-1.
    nodes: positions(spec.workers).map((position, index) => ({ role: index === 0 ? 'control-plane' : 'worker', labels: { [positionLabel]: position }, extraMounts })),
  })
}
