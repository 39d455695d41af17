import type { RunningCluster } from '@hoplab/cluster'
import type { Deadline } from '@hoplab/core'
import type { MatrixFindings } from '@hoplab/model'
import { HOP_NODE_UNREADABLE } from '../errors.ts'
import { type NodeLink, printed } from './node-links.ts'
import { openNamespace, serverPosition } from './scene.ts'
import { deviceOf } from './ways.ts'

/** Requests: of two Pods on each of two nodes, those of one node are missed in 1 of 2^23 runs. */
const requests = 24

/** Asks from the control plane through the NodePort of worker-1; the server's own words tell whose address it saw. The first without an answer is the last. @throws HOP_NODE_UNREADABLE */
export async function nodePortFindings(cluster: RunningCluster, links: readonly NodeLink[], deadline: Deadline): Promise<MatrixFindings['nodePort']> {
  const [from, by] = ['control-plane', 'worker-1']
  const service = await cluster.kube.get({ apiVersion: 'v1', kind: 'Service', name: 'web', namespace: openNamespace }, deadline)
  const port = (service?.spec as { ports?: { nodePort?: number }[] } | undefined)?.ports?.[0]?.nodePort
  const entry = cluster.nodes.find(({ name }) => name === cluster.nodeName(by))
  const node = cluster.nodeName(from)
  const script = `for one in $(seq ${requests}); do curl -s -m 2 http://${entry?.address}:${port}/ || break; done`
  const said = (await printed(cluster, node, ['sh', '-c', script], deadline)).split('\n').filter((line) => line !== '').map((line) => answerIn(line, { node, script }))
  const seen = said.map(({ pod, remote }) => ({
    server: serverPosition(pod) === by ? 'on that node' as const : 'on another node' as const,
    whose: deviceOf(remote.replace(/:\d+$/u, ''), { at: entry?.name ?? '', links }, { there: 'that node', elsewhere: 'another node' }),
  }))
  const sources = [...new Map(seen.map((one) => [`${one.server} ${one.whose}`, one])).values()].sort((a, b) => (`${a.server} ${a.whose}` < `${b.server} ${b.whose}` ? 1 : -1))
  return { from, by, sources }
}

/** What the lab's own server says of one request. */
function answerIn(line: string, { node, script }: { node: string; script: string }): { pod: string; remote: string } {
  try {
    const { pod, remote } = JSON.parse(line) as { pod?: unknown; remote?: unknown }
    if (typeof pod === 'string' && typeof remote === 'string') return { pod, remote }
  } catch { /* Not JSON: said below. */ }
  throw HOP_NODE_UNREADABLE({ node, command: script, said: line })
}
