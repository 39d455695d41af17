import type { Round } from '../round.ts'
import { describeRules, type Virtual } from '../rules/service-rules.ts'
import { rulesCommand, serviceRules } from '../rules/read.ts'

/** What makes a node refuse a Service without endpoints: `found` tells the rule, undefined when there is none. */
export async function refusalRule(round: Round, node: string, virtual: Virtual): Promise<{ found: string | undefined; command: string; expected: string }> {
  const rules = await serviceRules(round, node, virtual)
  return {
    found: rules.end === 'refused' ? describeRules(rules) : undefined, command: rulesCommand(round, node, virtual),
    expected: round.view.networkFacts.proxyMode === 'nftables' ? 'an element of no-endpoint-services that rejects' : 'a REJECT rule in chain KUBE-SERVICES of table filter',
  }
}
