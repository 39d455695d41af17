import { isIn } from '../witness/ranges.ts'
import type { SavedRule, SavedTables } from './iptables-save.ts'
import { commentName, noRules, type RuleTarget, type ServiceRules, type Virtual } from './service-rules.ts'

/** Conditions that say nothing more than what the chain already means. */
const harmless = new Set(['-m', '--comment', '-j', '-p', '--mode', '--probability'])

/**
 * What kube-proxy's iptables rules do with an address: KUBE-SERVICES → the Service's chain → one chain per endpoint with its DNAT. Sequential rules
 * with probability 1/n, 1/(n−1) … and a last one without give each endpoint 1/n (kubernetes#37932).
 */
export function iptablesRules(save: SavedTables, written: string, virtual: Virtual): ServiceRules {
  const nat = save.get('nat') ?? new Map<string, SavedRule[]>()
  const entry = (nat.get('KUBE-SERVICES') ?? []).find((rule) => concerns(rule, virtual) && jumpOf(rule) !== 'KUBE-MARK-MASQ')
  if (!entry) {
    const refusal = (save.get('filter')?.get('KUBE-SERVICES') ?? []).find((rule) => concerns(rule, virtual) && jumpOf(rule) === 'REJECT')
    return refusal ? { ...noRules(written), end: 'refused', where: 'REJECT in filter KUBE-SERVICES' } : { ...noRules(written), where: chainLeft(nat, virtual) }
  }
  const chain = jumpOf(entry)
  const balanced = cascade(nat, chain)
  const unhooked = ['PREROUTING', 'OUTPUT'].flatMap((hook) => hookFault(hook, nat.get(hook) ?? [], virtual) ?? [])[0]
  return { written, end: 'balanced', where: chain, ...balanced, fault: unhooked ?? balanced.fault }
}

/** Why packets to the address do not come from a hook of the kernel to KUBE-SERVICES, as far as the hook's own rules say; Pods' come from PREROUTING, which nothing that a node asks shows. */
function hookFault(hook: string, rules: readonly SavedRule[], virtual: Virtual): string | undefined {
  const jump = rules.findIndex((rule) => jumpOf(rule) === 'KUBE-SERVICES' && isUnconditional(rule))
  if (jump < 0) return `${hook} does not lead to KUBE-SERVICES`
  const before = rules.slice(0, jump).find((rule) => ending.has(jumpOf(rule)) && mayTake(rule, virtual))
  return before && `${hook} has a rule before KUBE-SERVICES that takes such packets (${jumpOf(before)})`
}

/** Targets after which no other rule of the hook is asked. */
const ending = new Set(['ACCEPT', 'DNAT', 'REDIRECT', 'RETURN', 'NETMAP'])

/** Whether some packets to the address may match, whoever sends them. */
function mayTake({ options }: SavedRule, { ip, port, protocol }: Virtual): boolean {
  const [to, notTo, type] = ['-d', '!-d', '--dst-type'].map((option) => options.get(option))
  if ((to !== undefined && !isIn(ip, cidrOf(to))) || (notTo !== undefined && isIn(ip, cidrOf(notTo))) || type !== undefined) return false
  return [undefined, 'all', protocol.toLowerCase()].includes(options.get('-p')) && portsAllow(options, port)
}

/** `--dport` and, of the match multiport, `--dports` and `--ports` name ports and ranges such as `8000:8080`. */
function portsAllow(options: SavedRule['options'], port: number): boolean {
  const holds = (list: string): boolean => list.split(',').some((one) => { const [first = NaN, last = first] = one.split(':').map(Number); return port >= first && port <= last })
  const demands = ['--dport', '--dports', '--ports'].flatMap((option) => [[options.get(option), true], [options.get(`!${option}`), false]] as const)
  return demands.every(([list, wanted]) => list === undefined || holds(list) === wanted)
}

const cidrOf = (range: string): string => (range.includes('/') ? range : `${range}/32`)

/** A chain that carries the owner's name. */
function chainLeft(nat: ReadonlyMap<string, SavedRule[]>, { owner }: Virtual): string {
  const isOwners = ({ options }: SavedRule): boolean => options.get('--comment')?.replaceAll('"', '').split(' ')[0] === (owner && commentName(owner))
  return [...nat].find(([chain, rules]) => owner && chain.startsWith('KUBE-SVC-') && rules.some(isOwners))?.[0] ?? ''
}

const jumpOf = ({ options }: SavedRule): string => options.get('-j') ?? options.get('-g') ?? ''
const isUnconditional = ({ options }: SavedRule): boolean => [...options.keys()].every((option) => harmless.has(option) && option !== '--probability' && option !== '-p')

/** A rule without destination or port concerns every address: it would take the packets first. */
function concerns({ options }: SavedRule, { ip, port, protocol }: Virtual): boolean {
  const matches = (option: string, value: string): boolean => (options.get(option) ?? value) === value
  const narrowed = [...options.keys()].some((option) => option === '-s' || option === '--dst-type' || option.startsWith('!'))
  return !narrowed && (options.get('-d') ?? `${ip}/32`).replace(/\/32$/u, '') === ip && matches('-p', protocol.toLowerCase()) && matches('--dport', String(port))
}

function cascade(nat: ReadonlyMap<string, SavedRule[]>, chain: string): Pick<ServiceRules, 'targets' | 'remembers' | 'sent' | 'fault'> {
  const targets: RuleTarget[] = []
  let remembers = false
  let sent = 0
  let left = 1
  let fault: string | undefined = nat.has(chain) ? undefined : `${chain || 'what it leads to'} is no chain`
  for (const rule of nat.get(chain) ?? []) {
    const target = jumpOf(rule)
    if (target === 'KUBE-MARK-MASQ') continue
    sent += rule.packets
    // Session affinity: a client that was here before; the rules for new clients come behind.
    if (rule.options.has('--rcheck')) { remembers = true; continue }
    fault ??= oddIn(rule, nat)
    const probability = rule.options.get('--probability')
    const share = probability === undefined ? left : left * Number(probability)
    targets.push({ endpoint: translationOf(nat.get(target) ?? []), share })
    left -= share
    if (probability === undefined) break
  }
  if (left > 1e-8) fault ??= `${(left * 100).toFixed(2)} % of the connections pass ${chain} without an endpoint`
  return { targets, remembers, sent, fault }
}

/** Why a rule of a Service's chain is none of kube-proxy's. */
function oddIn(rule: SavedRule, nat: ReadonlyMap<string, SavedRule[]>): string | undefined {
  const target = jumpOf(rule)
  if (!nat.has(target)) return `a rule leads to ${target || 'nothing'} instead of an endpoint`
  const condition = [...rule.options.keys()].find((option) => !harmless.has(option))
  return condition === undefined ? undefined : `the rule to ${target} has a condition that kube-proxy does not write (${condition})`
}

/** Where an endpoint's chain translates to; undefined when it does not, or something else takes the packets first. */
function translationOf(chain: readonly SavedRule[]): string | undefined {
  const first = chain.find((rule) => jumpOf(rule) !== 'KUBE-MARK-MASQ' && jumpOf(rule) !== '')
  return first && jumpOf(first) === 'DNAT' ? first.options.get('--to-destination') : undefined
}
