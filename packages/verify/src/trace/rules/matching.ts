import ipaddr from 'ipaddr.js'
import type { Ends } from '../capture/packet.ts'
import { hostOf, portOf } from '../capture/ends.ts'
import { hooksOf, optionOf, type Risen, type Rule } from './iptables.ts'

/** What is known of a packet that rules may have decided about. */
export interface Decided extends Ends { protocol: 'tcp' | 'udp' }

/** Rules that dropped or refused packets and that speak of a packet like this one, the nearest to its way first. A rule that says nothing about packets speaks of all. */
export function droppers(risenRules: readonly Risen[], packets: readonly Decided[]): Risen[] {
  return risenRules.filter(({ rule }) => (rule.target === 'DROP' || rule.target === 'REJECT') && packets.some((packet) => speaksOf(rule, packet)))
}

/** Whether nothing in the rule excludes the packet. Interfaces, states and marks are not looked at. */
export function speaksOf(rule: Rule, packet: Decided): boolean {
  const protocol = optionOf(rule, '-p')
  const port = (option: string, end: string): boolean => [undefined, String(portOf(end))].includes(optionOf(rule, option))
  return (protocol === undefined || protocol === packet.protocol) && within(optionOf(rule, '-s'), hostOf(packet.from)) && within(optionOf(rule, '-d'), hostOf(packet.to))
    && port('--sport', packet.from) && port('--dport', packet.to)
}

function within(range: string | undefined, address: string): boolean {
  if (range === undefined || !ipaddr.IPv4.isValid(address)) return true
  try {
    return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(range.includes('/') ? range : `${range}/32`))
  } catch {
    return true
  }
}

/** `DROP in FORWARD (rule "-s 10.0.0.0/8 -j DROP"), counter +3`. */
export function risenText({ rule, by }: Risen): string {
  return `${rule.target} in chain ${rule.chain} of table ${rule.table} (rule "${rule.text}"), counter +${by}`
}

/**
 * The built-in chain of a rule, as people know it; the rule's own where nothing leads to it.
 * @param passed the one that the packet passed: the chain of a policy may be called from several (weave-npc's for what Pods send from INPUT and FORWARD)
 */
export function hookOf(rules: readonly Rule[], { rule }: Risen, passed: 'FORWARD' | 'OUTPUT' | 'INPUT'): string {
  const hooks = hooksOf(rules, rule.table, rule.chain)
  return hooks.find((hook) => hook === passed) ?? hooks[0] ?? rule.chain
}
