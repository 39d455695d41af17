/** A Service's address as packets carry it. */
export interface Virtual {
  ip: string
  port: number
  protocol: 'TCP' | 'UDP' | 'SCTP'
  /** Whose it is: finds a chain that nothing leads to. */
  owner?: Owner
}

/** A Service's port, as kube-proxy names it in what it writes. */
export interface Owner {
  /** `NAMESPACE/NAME`. */
  name: string
  /** Empty where the port has no name. */
  portName: string
}

/** One TCP port of a Service with its address. */
export interface ServicePort extends Owner { address: string; port: number }

/** The name of a Service's port in the comments of iptables rules. */
export const commentName = ({ name, portName }: Owner): string => (portName === '' ? name : `${name}:${portName}`)

/** One endpoint a Service's rules lead to. */
export interface RuleTarget {
  /** `ip:port` after translation; undefined when the rule leads to no translation. */
  endpoint: string | undefined
  /** Share of new connections, 0…1. */
  share: number
}

/** What the rules of one node do with new connections to one Service address, whatever the chains are called. */
export interface ServiceRules {
  /** Who holds them: `iptables-nft`, `iptables-legacy` or `nftables`. */
  written: string
  /** `missing`: no rule knows the address. `refused`: a rule refuses. `balanced`: rules choose an endpoint. */
  end: 'missing' | 'refused' | 'balanced'
  /** Chain or map that decides; where no rule knows the address, the owner's chain that nothing leads to, if there is one. */
  where: string
  targets: RuleTarget[]
  /** Whether clients are remembered (session affinity). */
  remembers: boolean
  /** New connections that these rules have sent to an endpoint; undefined where rules have no counters. */
  sent: number | undefined
  /** What about them is not as kube-proxy writes it. */
  fault: string | undefined
}

/** Nothing knows the address. */
export const noRules = (written: string): ServiceRules => ({ written, end: 'missing', where: '', targets: [], remembers: false, sent: undefined, fault: undefined })

/** Largest difference of a share from 1/n: iptables keeps probabilities as 31-bit fractions, kube-proxy writes 10 decimals of them. */
const rounding = 1e-8

/** What is wrong with these rules for exactly these endpoints; undefined when nothing is. */
export function rulesFault({ fault, targets }: ServiceRules, expected: readonly string[]): string | undefined {
  if (fault !== undefined) return fault
  const listed = targets.map(({ endpoint }) => endpoint)
  const lost = expected.find((endpoint) => !listed.includes(endpoint))
  if (lost !== undefined) return `no rule leads to ${lost}`
  const stranger = targets.find(({ endpoint }) => endpoint === undefined || !expected.includes(endpoint))
  if (stranger) return `a rule leads to ${stranger.endpoint ?? 'no address'}, which is no endpoint of the Service`
  if (targets.length !== expected.length) return `${targets.length} rules lead to ${expected.length} endpoints`
  const uneven = targets.find(({ share }) => Math.abs(share - 1 / targets.length) > rounding)
  return uneven && `${uneven.endpoint} gets ${shareText(uneven.share)} of the connections, not ${shareText(1 / targets.length)}`
}

/** `33.33 %` */
export const shareText = (share: number): string => `${(share * 100).toFixed(2)} %`

/** The rules in words. */
export function describeRules({ written, end, where, targets }: ServiceRules): string {
  if (end === 'missing') return `${written}: no rule for the address`
  if (end === 'refused') return `${written}, ${where}: refuses`
  return `${written}, ${where}: ${targets.map(({ endpoint, share }) => `${endpoint ?? 'nowhere'} ${shareText(share)}`).join(', ') || 'nothing'}`
}
