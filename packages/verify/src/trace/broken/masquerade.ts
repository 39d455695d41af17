import type { BrokenHop } from '@hoplab/model'
import { hostOf } from '../capture/ends.ts'
import { risenText, speaksOf } from '../rules/matching.ts'
import type { Told } from '../trace.ts'
import type { Seen } from '../window.ts'

/**
 * Where a request's source address was replaced, and by which rule. Undefined when it arrived as it left. The kernel of the client's node says by itself whether
 * it was there: a busy node's capture may have missed the packet on each of its devices (measured here: one look of six).
 */
export function masqueradeFault({ flow, tracked, client, server }: Told, seen: Seen): BrokenHop | undefined {
  const [first, ...later] = flow?.request ?? []
  const changed = first && later.find(({ ends }) => hostOf(ends.from) !== hostOf(first.ends.from))
  if (!changed) return undefined
  const byClient = changed.capture.node === client.node || (tracked !== undefined && tracked.reply.dst !== tracked.original.src)
  const [node, position] = byClient ? [client.node, client.position] : [changed.capture.node, server?.position ?? changed.capture.node]
  // The source is replaced last: the rule met the address of the endpoint already.
  const met = { from: first.ends.from, to: changed.ends.to, protocol: 'tcp' as const }
  const rule = seen.nodes.get(node)?.risen.find((one) => one.rule.table === 'nat' && /^(?:MASQUERADE|SNAT)$/u.test(one.rule.target) && speaksOf(one.rule, met))
  return {
    hop: `masquerade on ${position}`, command: `hoplab shell toolbox/${position}, then: iptables-save -c -t nat | grep -E "MASQUERADE|SNAT"`,
    decidedBy: `on ${position} the source ${hostOf(first.ends.from)} was replaced by ${hostOf(changed.ends.from)}${rule ? `: ${risenText(rule)}` : ''}`,
  }
}
