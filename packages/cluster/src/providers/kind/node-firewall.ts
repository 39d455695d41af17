import type { Deadline } from '@hoplab/core'
import type { Toolbox } from '../../port.ts'

/**
 * A table of its own, so that nothing which rewrites kube-proxy's or the CNI's rules removes it and learners tell it apart.
 * The host's bridge address stays able to open connections (the published API port comes from there); the node and its Pods may only reply.
 * Runs before kube-proxy's filter chains (priority -10), after its destination NAT: it judges where the packet really goes.
 */
export const nodeFirewall = (host: string): string => `
add table ip hoplab
delete table ip hoplab
table ip hoplab {
  chain leaving { type filter hook output priority -10; policy accept; jump closed; }
  chain passing { type filter hook forward priority -10; policy accept; jump closed; }
  chain closed {
    ip daddr ${host} ct state new counter reject with icmp type admin-prohibited
    ip daddr 169.254.0.0/16 counter reject with icmp type admin-prohibited
  }
}
`

/** Closes one node and its Pods off from the host and from link-local addresses. Returns what went wrong, if anything. */
export async function closeNode(toolbox: Toolbox, host: string, deadline: Deadline): Promise<string | undefined> {
  const { exitCode, stderr } = await toolbox.exec(['nft', '-f', '-'], { deadline, input: nodeFirewall(host) })
  return exitCode === 0 ? undefined : stderr || `exit code ${exitCode}`
}
