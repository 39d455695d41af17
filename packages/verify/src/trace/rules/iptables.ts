/** One rule as `iptables-save -c` lists it. */
export interface Rule {
  table: string
  chain: string
  /** Packets that matched it so far. */
  packets: number
  /** Everything behind the chain's name. */
  text: string
  /** Where a packet goes that matches: a chain, `ACCEPT`, `DROP`, `REJECT`, `DNAT`, …; empty for none. */
  target: string
}

/** Without what stands in quotes: a comment may look like options (weave-npc's: `"NOTE: this must go before \'-j KUBE-FORWARD\'"`). */
const unquoted = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\.)*"/gu, '""')

/** Reads rules; a line of another shape is left out: iptables-save is the only writer of this text. */
export function readRules(text: string): Rule[] {
  let table = ''
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('*')) { table = line.slice(1).trim(); return [] }
    const [, packets, chain = '', rule = ''] = /^\[(\d+):\d+\] -A (\S+) ?(.*)$/u.exec(line) ?? []
    if (packets === undefined) return []
    return [{ table, chain, packets: Number(packets), text: rule, target: / -[jg] (\S+)/u.exec(` ${unquoted(rule)}`)?.[1] ?? '' }]
  })
}

/** Chains whose policy drops what no rule accepts, as `table chain`. */
export function droppingPolicies(text: string): string[] {
  let table = ''
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('*')) { table = line.slice(1).trim(); return [] }
    const chain = /^:(\S+) DROP /u.exec(line)?.[1]
    return chain === undefined ? [] : [`${table} ${chain}`]
  })
}

/** A rule whose counter rose between two listings, and by how many packets. */
export interface Risen { rule: Rule; by: number }

/** Rules that matched packets between two listings, in the order of the later one. */
export function risen(before: readonly Rule[], after: readonly Rule[]): Risen[] {
  const counts = new Map<string, number[]>()
  for (const rule of before) counts.set(keyOf(rule), [...counts.get(keyOf(rule)) ?? [], rule.packets])
  return after.flatMap((rule) => {
    // The same rule may stand there twice; they are told apart by their order.
    const by = rule.packets - (counts.get(keyOf(rule))?.shift() ?? 0)
    return by > 0 ? [{ rule, by }] : []
  })
}

const keyOf = ({ table, chain, text }: Rule): string => `${table} ${chain} ${text}`

/** Built-in chains through which a packet gets to `chain` of `table`. */
export function hooksOf(rules: readonly Rule[], table: string, chain: string, known: ReadonlySet<string> = new Set()): string[] {
  if (/^(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/u.test(chain)) return [chain]
  if (known.has(chain)) return []
  const callers = rules.filter((rule) => rule.table === table && rule.target === chain)
  return [...new Set(callers.flatMap((rule) => hooksOf(rules, table, rule.chain, new Set([...known, chain]))))]
}

/** Value of an option of a rule, e.g. `--dport`; undefined when the rule does not have it, or only negated. */
export function optionOf(rule: Rule, option: string): string | undefined {
  const match = new RegExp(String.raw`(?:^| )(! )?${option} (\S+)`, 'u').exec(option === '--comment' ? rule.text : unquoted(rule.text))
  return match?.[1] === undefined ? match?.[2] : undefined
}
