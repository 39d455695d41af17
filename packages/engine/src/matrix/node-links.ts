import type { RunningCluster } from '@hoplab/cluster'
import { type Deadline, plainLine } from '@hoplab/core'
import { HOP_NODE_UNREADABLE } from '../errors.ts'

/** A device of a node; `bridge` = the one that it is a port of, `networks` = its addresses with the length of their networks. */
export interface NodeLink { node: string; name: string; mtu: number; bridge: string | undefined; addresses: readonly string[]; networks: readonly string[] }

/** Every device of every node. @throws HOP_NODE_UNREADABLE, HOP_TOOLBOX_GONE */
export async function linksOf(cluster: RunningCluster, deadline: Deadline): Promise<NodeLink[]> {
  const all = await Promise.all(cluster.nodes.map(async ({ name }) => {
    const listed = JSON.parse(await printed(cluster, name, ['ip', '-j', 'address', 'show'], deadline)) as { ifname: string; mtu: number; master?: string; addr_info?: { local?: string; prefixlen?: number }[] }[]
    return listed.map(({ ifname, mtu, master, addr_info: own = [] }): NodeLink => ({ node: name, name: ifname, mtu, bridge: master, addresses: own.flatMap(({ local }) => local ?? []), networks: own.flatMap(({ local, prefixlen }) => (local === undefined || prefixlen === undefined ? [] : `${local}/${prefixlen}`)) }))
  }))
  return all.flat()
}

/** Routes of the first worker that lead into the Pods' range, one line each as the kernel prints them. */
export async function routesInto(cluster: RunningCluster, deadline: Deadline): Promise<string[]> {
  const lines = await printed(cluster, cluster.nodeName('worker-1'), ['ip', 'route', 'show', 'root', cluster.spec.podSubnet], deadline)
  return lines.split('\n').map((line) => plainLine(line.trim(), 200)).filter((line) => line !== '')
}

/** What a program in a node's toolbox prints. @throws HOP_NODE_UNREADABLE when it fails, HOP_TOOLBOX_GONE */
export async function printed(cluster: RunningCluster, node: string, argv: readonly string[], deadline: Deadline): Promise<string> {
  const { exitCode, stdout, stderr } = await cluster.toolbox(node).exec(argv, { deadline })
  if (exitCode !== 0) throw HOP_NODE_UNREADABLE({ node, command: argv.join(' '), said: stderr })
  return stdout
}
