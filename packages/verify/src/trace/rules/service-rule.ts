import type { ProxyMode } from '@hoplab/model'
import { nftablesChains, parseProxyTable } from '../../rules/nftables.ts'
import { commentName, type ServicePort } from '../../rules/service-rules.ts'
import { optionOf, type Rule } from './iptables.ts'

/** What kube-proxy has written for one Service port on one node. */
export interface ServiceRule {
  /** Chain that chooses an endpoint, and the one that writes its address. */
  service: string
  endpoint: string | undefined
  /** How many endpoints the first chain leads to. */
  targets: number
  /** Nothing leads to the Service's chain any more. */
  detached: boolean
}

/** kube-proxy's chains of a Service port on one node; undefined when it has written none. @throws Broken when its table cannot be read */
export function serviceRule(mode: ProxyMode, { rules, table }: { rules: readonly Rule[]; table: string }, to: ServicePort, endpoint: string | undefined): ServiceRule | undefined {
  if (mode === 'iptables') return iptablesServiceRule(rules, to, endpoint)
  return table.trim() === '' ? undefined : nftablesChains(parseProxyTable(table), to, endpoint)
}

/** kube-proxy's chains of a Service port in iptables mode; undefined when it has written none. */
export function iptablesServiceRule(rules: readonly Rule[], to: ServicePort, endpoint: string | undefined): ServiceRule | undefined {
  const nat = rules.filter(({ table }) => table === 'nat')
  const entry = nat.find((rule) => rule.chain === 'KUBE-SERVICES' && rule.target.startsWith('KUBE-SVC-') && optionOf(rule, '-p') === 'tcp' && optionOf(rule, '-d') === `${to.address}/32` && optionOf(rule, '--dport') === String(to.port))
  // Every rule of a Service carries its name as a comment, so its chain is found even when nothing leads to it.
  const service = entry?.target ?? nat.find((rule) => rule.chain.startsWith('KUBE-SVC-') && namedIn(rule) === commentName(to))?.chain
  if (service === undefined) return undefined
  const writer = nat.find((rule) => rule.target === 'DNAT' && optionOf(rule, '--to-destination') === endpoint && endpoint !== undefined
    && nat.some((caller) => caller.chain === service && caller.target === rule.chain))
  const targets = nat.filter(({ chain, target }) => chain === service && target.startsWith('KUBE-SEP-')).length
  return { service, endpoint: writer?.chain, targets, detached: entry === undefined }
}

/** What kube-proxy says that a rule is of: `NAMESPACE/NAME:PORTNAME`, or `NAMESPACE/NAME` for a port without a name. */
const namedIn = (rule: Rule): string | undefined => optionOf(rule, '--comment')?.replaceAll('"', '')

/** How a learner lists what kube-proxy has written for one address. */
export function serviceRuleCommand(mode: ProxyMode, position: string, address: string): string {
  return mode === 'iptables' ? `hoplab shell toolbox/${position}, then: iptables-save -c -t nat | grep -w ${address}` : `hoplab shell toolbox/${position}, then: nft list table ip kube-proxy | grep -w ${address}`
}
