import type { RunningCluster } from '@hoplab/cluster'
import type { Deadline } from '@hoplab/core'
import { printed } from './node-links.ts'

/** Both makes of iptables: a plugin need not use the one that kube-proxy does. The older one fails where its tables were never loaded. */
const saves = 'iptables-nft-save; iptables-legacy-save 2> /dev/null || true'

/** Names of the chains of iptables on the worker that has a guarded Pod, each once. @throws HOP_NODE_UNREADABLE, HOP_TOOLBOX_GONE */
export async function chainsOf(cluster: RunningCluster, deadline: Deadline): Promise<ReadonlySet<string>> {
  const saved = await printed(cluster, cluster.nodeName('worker-1'), ['sh', '-c', saves], deadline)
  return new Set([...saved.matchAll(/^:(\S+) /gmu)].map(([, chain = '']) => chain))
}
