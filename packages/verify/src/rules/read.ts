import { Broken } from '../probes/broken.ts'
import type { Round } from '../round.ts'
import { iptablesRules } from './iptables.ts'
import { parseSave, type SavedTables } from './iptables-save.ts'
import { nftablesRules, parseProxyTable } from './nftables.ts'
import type { ServiceRules, Virtual } from './service-rules.ts'

// The legacy program is asked for the tables there are: naming one would make the kernel create it.
const bothSaves = 'echo "$0 nft" && iptables-nft-save -c 2>/dev/null && echo "$0 legacy" && iptables-legacy-save -c 2>/dev/null && echo "$0 end"'
const listTable = ['nft', '-j', 'list', 'table', 'ip', 'kube-proxy'] as const

/** Reads what a node's rules do with one Service address, by the cluster's proxy mode. Rejects with `Broken` when they cannot be read to their end. */
export async function serviceRules(round: Round, node: string, virtual: Virtual): Promise<ServiceRules> {
  if (round.view.networkFacts.proxyMode === 'nftables') return nftablesRules(parseProxyTable(await round.batcher.run(node, listTable)), virtual)
  const mark = `hoplab-${crypto.randomUUID()}`
  const { nft, legacy } = parted(await round.batcher.run(node, ['sh', '-c', bothSaves, mark, 'iptables-save']), mark)
  const [first, second] = [['iptables-nft', parseSave(nft)] as const, ['iptables-legacy', parseSave(legacy)] as const]
  const [written, save] = isKept(second[1]) && !isKept(first[1]) ? second : first
  return iptablesRules(save, written, virtual)
}

function parted(text: string, mark: string): { nft: string; legacy: string } {
  const [before, nft, legacy, after, ...more] = text.split(new RegExp(`^${mark} (?:nft|legacy|end)\n`, 'mu'))
  if (before === '' && nft !== undefined && legacy !== undefined && after === '' && more.length === 0) return { nft, legacy }
  throw new Broken('The rules were not told from beginning to end.', { hopeless: true })
}

/** kube-proxy keeps an empty chain in the tables it writes, to notice when somebody flushes them; rules of the other iptables are leftovers. */
const isKept = (save: SavedTables): boolean => save.get('nat')?.has('KUBE-PROXY-CANARY') ?? false

/** How a learner reads them. */
export function rulesCommand(round: Round, node: string, { ip }: Virtual): string {
  const program = round.view.networkFacts.proxyMode === 'nftables' ? 'nft list table ip kube-proxy' : `iptables-save -c | grep -e KUBE-SVC -e KUBE-SEP -e ${ip}`
  return `hoplab shell toolbox/${node}, then: ${program}`
}
