import type { BrokenHop } from '@hoplab/model'
import { hostOf } from '../flow.ts'
import { risenText, speaksOf } from '../rules/matching.ts'
import type { Told } from '../trace.ts'
import type { Seen } from '../window.ts'

/** Where a request's source address was replaced, and by which rule. Undefined when it arrived as it left. */
export function masqueradeFault({ flow, client, server }: Told, seen: Seen): BrokenHop | undefined {
  const [first, ...later] = flow?.request ?? []
  const changed = first && later.find(({ ends }) => hostOf(ends.from) !== hostOf(first.ends.from))
  const before = changed && flow?.request.find((one) => hostOf(one.ends.from) !== hostOf(changed.ends.from) && one.ends.to === changed.ends.to)
  if (!changed || !before) return undefined
  const position = changed.capture.node === client.node ? client.position : server?.position ?? changed.capture.node
  const rule = seen.nodes.get(changed.capture.node)?.risen.find((one) => one.rule.table === 'nat' && /^(?:MASQUERADE|SNAT)$/u.test(one.rule.target) && speaksOf(one.rule, { ...before.ends, protocol: 'tcp' }))
  return {
    hop: `masquerade on ${position}`, command: `hoplab shell toolbox/${position}, then: iptables-save -c -t nat | grep -E "MASQUERADE|SNAT"`,
    decidedBy: `on ${position} the source ${hostOf(before.ends.from)} was replaced by ${hostOf(changed.ends.from)}${rule ? `: ${risenText(rule)}` : ''}`,
  }
}
