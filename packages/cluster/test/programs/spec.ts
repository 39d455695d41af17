import type { ClusterSpec } from '@hoplab/cluster'

/** The smallest cluster with a path between nodes in both directions. */
export const specOf = (name: string): ClusterSpec => ({
  name, workers: 2, cni: 'flannel', proxyMode: 'iptables', images: 'auto', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false,
})
