import { z } from 'zod'
import { Broken } from '../probes/broken.ts'
import { noRules, type Owner, type RuleTarget, type ServicePort, type ServiceRules, type Virtual } from './service-rules.ts'

const statement = z.record(z.string(), z.unknown())
type Statement = z.infer<typeof statement>
const key = z.object({ concat: z.array(z.union([z.string(), z.number()])) })
/** An element may carry a comment, which wraps it. */
const elements = z.array(z.tuple([z.union([key, z.object({ elem: z.object({ val: key }) })]), statement])).default([])
const items = z.object({ nftables: z.array(z.union([
  z.object({ map: z.object({ name: z.string(), elem: z.unknown().optional() }) }),
  z.object({ rule: z.object({ chain: z.string(), expr: z.array(statement) }) }),
  z.object({}),
])) })
const goto = z.object({ goto: z.object({ target: z.string() }) })
const jump = z.object({ jump: z.object({ target: z.string() }) })
const numgen = z.object({ vmap: z.object({
  key: z.object({ numgen: z.object({ mode: z.literal('random'), mod: z.int().min(1), offset: z.literal(0) }) }),
  data: z.object({ set: z.array(z.tuple([z.int(), statement])) }),
}) })
const dnat = z.object({ dnat: z.object({ addr: z.string(), port: z.int() }) })

/** kube-proxy's table as `nft -j list table ip kube-proxy` tells it. */
export interface ProxyTable { map(name: string): [concat: string, end: Statement][]; rules(chain: string): Statement[][]; chains(): string[] }

/** Reads the JSON of the table. Throws `Broken` when it is none. */
export function parseProxyTable(text: string): ProxyTable {
  const listing = items.safeParse(parsed(text))
  if (!listing.success) throw new Broken('The nftables listing cannot be read.', { hopeless: true })
  const { nftables } = listing.data
  return {
    map: (name) => nftables.flatMap((item) => ('map' in item && item.map.name === name ? elementsOf(item.map.elem) : [])),
    chains: () => [...new Set(nftables.flatMap((item) => ('rule' in item ? item.rule.chain : [])))],
    rules: (chain) => nftables.flatMap((item) => ('rule' in item && item.rule.chain === chain ? [item.rule.expr] : [])),
  }
}

function elementsOf(elem: unknown): [string, Statement][] {
  const read = elements.safeParse(elem)
  if (!read.success) throw new Broken('A map of the nftables listing cannot be read.', { hopeless: true })
  return read.data.map(([at, end]) => [('elem' in at ? at.elem.val : at).concat.join(' . '), end])
}

/** What kube-proxy's nftables rules do with an address: element of `service-ips` → the Service's chain → `numgen random mod n` → endpoint's DNAT. */
export function nftablesRules(table: ProxyTable, virtual: Virtual): ServiceRules {
  const address = `${virtual.ip} . ${virtual.protocol.toLowerCase()} . ${virtual.port}`
  const endOf = (map: string): Statement | undefined => table.map(map).find(([at]) => at === address)?.[1]
  const chain = goto.safeParse(endOf('service-ips')).data?.goto.target
  if (chain === undefined) {
    const refusing = goto.safeParse(endOf('no-endpoint-services')).data?.goto.target
    const rejects = refusing !== undefined && table.rules(refusing).some((rule) => rule.some((one) => 'reject' in one))
    return rejects ? { ...noRules('nftables'), end: 'refused', where: 'element of no-endpoint-services' } : { ...noRules('nftables'), where: (virtual.owner && chainOf(table, virtual.owner, virtual.protocol)) ?? '' }
  }
  const balanced = choice(table, chain)
  const unhooked = ['nat-prerouting', 'nat-output'].find((hook) => !table.rules(hook).some((rule) => rule.length === 1 && jump.safeParse(rule[0]).data?.jump.target === 'services'))
  return { written: 'nftables', end: 'balanced', where: chain, sent: undefined, ...balanced, fault: unhooked === undefined ? balanced.fault : `${unhooked} does not lead to the services` }
}

/** The chain that carries a Service port's name: `service-HASH-NAMESPACE/NAME/PROTOCOL/PORTNAME`. */
const chainOf = (table: ProxyTable, { name, portName }: Owner, protocol: Virtual['protocol']): string | undefined =>
  table.chains().find((chain) => /^service-[A-Z2-7]+-(.*)$/u.exec(chain)?.[1] === `${name}/${protocol.toLowerCase()}/${portName}`)

/** Chain that `service-ips` leads to for an address, and that of one of its endpoints. A chain that nothing leads to any more is found by the Service's name, which kube-proxy writes into it. */
export function nftablesChains(table: ProxyTable, to: ServicePort, endpoint: string | undefined): { service: string; endpoint: string | undefined; targets: number; detached: boolean } | undefined {
  const entry = goto.safeParse(table.map('service-ips').find(([at]) => at === `${to.address} . tcp . ${to.port}`)?.[1]).data?.goto.target
  const service = entry ?? chainOf(table, to, 'TCP')
  if (service === undefined) return undefined
  const targets = table.rules(service).flatMap((rule) => numgen.safeParse(rule.at(-1)).data?.vmap.data.set.map(([, end]) => goto.safeParse(end).data?.goto.target ?? '') ?? [])
  return { service, targets: targets.length, endpoint: targets.find((chain) => endpoint !== undefined && translationOf(table.rules(chain)) === endpoint), detached: entry === undefined }
}

function choice(table: ProxyTable, chain: string): Pick<ServiceRules, 'targets' | 'remembers' | 'fault'> {
  let remembers = false
  for (const rule of table.rules(chain)) {
    const last = rule.at(-1)
    if (jump.safeParse(last).data?.jump.target === 'mark-for-masquerade') continue
    // Session affinity: a client that is in the endpoint's set; the choice for new clients comes behind.
    if (goto.safeParse(last).success && JSON.stringify(rule[0]).includes('"@affinity-')) { remembers = true; continue }
    const chosen = numgen.safeParse(last)
    if (!chosen.success || rule.length > 1) return { targets: [], remembers, fault: `${chain} has a rule that kube-proxy does not write` }
    const { key: { numgen: { mod } }, data: { set } } = chosen.data.vmap
    const targets = set.map(([, end]): RuleTarget => ({ endpoint: translationOf(table.rules(goto.safeParse(end).data?.goto.target ?? '')), share: 1 / mod }))
    const numbers = new Set(set.map(([number]) => number))
    const lost = Array.from({ length: mod }, (_, number) => number).filter((number) => !numbers.has(number))
    return { targets, remembers, fault: lost.length === 0 ? undefined : `${lost.length} of ${mod} numbers lead to no endpoint in ${chain}` }
  }
  return { targets: [], remembers, fault: `${chain} chooses no endpoint` }
}

/** Where an endpoint's chain translates to; undefined when it does not, or something else takes the packets first. */
function translationOf(chain: readonly Statement[][]): string | undefined {
  const first = chain.find((rule) => !('set' in (rule.at(-1) ?? {})) && jump.safeParse(rule.at(-1)).data?.jump.target !== 'mark-for-masquerade')
  const to = dnat.safeParse(first?.at(-1)).data?.dnat
  return to && `${to.addr}:${to.port}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Broken('The nftables listing was not told to its end.', { hopeless: false, cause })
  }
}
