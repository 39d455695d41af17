import type { Deadline } from '@hoplab/core'
import type { BaselineSubject } from './take.ts'

/**
 * Makes every node's kernel forget TCP requests that nobody answered. It keeps for two minutes where such a one was sent (nf_conntrack_tcp_timeout_syn_sent),
 * and a later one from the same port is sent there too, whatever the rules are by now: after Pods were replaced under a kube-proxy that was away, 5 of 500
 * connections of one Pod went to the addresses that were gone, though all had been put back (measured here).
 */
export async function forgetUnanswered({ nodes, toolbox }: Pick<BaselineSubject, 'nodes' | 'toolbox'>, deadline: Deadline): Promise<void> {
  // The exit code is 1 where there is nothing to forget.
  await Promise.all(nodes.map(async ({ name }) => await toolbox(name).exec(['conntrack', '-D', '-p', 'tcp', '--state', 'SYN_SENT'], { deadline })))
}
