import type { FaultAction, FaultSettings } from '@hoplab/model'
import { cannot, type FaultPlan, type FaultScene, type Mutation, nodeSays, nodeTells, onNode, word } from './mutation.ts'
import { restored } from './netfilter.ts'
import { portMeant, serviceMeant } from './service-objects.ts'
import { forgetUnanswered } from './unanswered-records.ts'

/** A Service's address as kube-proxy's rules match it. */
interface Match { address: string; protocol: string; port: number }

/**
 * The node has lost what sends a Service's packets to its Pods. kube-proxy writes only what changes and everything once an hour, so the damage stays
 * until the Service or its Pods change (measured here: nothing came back within 45 s); then there is nothing to take back.
 */
export const serviceRuleDeleted: Mutation<'service-rule-deleted'> = {
  layer: 'service',
  async plan(settings, scene) {
    const node = scene.cluster.nodeName(settings.node)
    const match = await matchOf(settings, scene)
    return scene.network.proxyMode === 'iptables' ? chainEmptied(node, match, scene) : elementDeleted(node, match, scene)
  },
}

async function matchOf(settings: FaultSettings<'service-rule-deleted'>, scene: FaultScene): Promise<Match> {
  const { spec } = await serviceMeant(settings, scene)
  const port = portMeant(spec, settings, scene)
  const { clusterIP = 'None' } = spec as { clusterIP?: string }
  if (clusterIP === 'None') throw cannot(scene, `find the rules of Service ${settings.service}`, 'It has no ClusterIP.')
  return { address: clusterIP, protocol: String(port.protocol ?? 'TCP').toLowerCase(), port: port.port }
}

/** iptables: the Service's own chain loses its jumps to endpoints; packets go on with the ClusterIP as their destination. */
async function chainEmptied(node: string, match: Match, scene: FaultScene): Promise<FaultPlan> {
  const { address, protocol, port } = match
  const all = (await nodeSays(node, 'iptables-save -t nat', scene)).split('\n')
  const entry = all.find((rule) => rule.startsWith('-A KUBE-SERVICES ') && rule.includes(` -d ${address}/32 `) && rule.includes(` -p ${protocol} `) && rule.includes(` --dport ${port} `))
  const chain = / -j (KUBE-SVC-[A-Z0-9]+)/u.exec(entry ?? '')?.[1]
  const rules = all.filter((rule) => chain !== undefined && rule.startsWith(`-A ${chain} `))
  const jumps = rules.filter((rule) => rule.includes(' -j KUBE-SEP-'))
  if (jumps.length === 0) throw cannot(scene, 'delete rules', `Node ${node} has no rules for ${address}:${port}.`)
  const jumpsNow = `iptables-save -t nat | grep -- ${word(`^-A ${chain} .* -j KUBE-SEP-`)}`
  return {
    do: jumps.map((rule) => onNode(node, `if iptables-save -t nat | grep -qxF -- ${word(rule)}; then ${restored(rule.replace('-A', '-D'))}; fi`)),
    // Whole or not at all: a chain that has jumps again was written anew by kube-proxy, and one that is gone belongs to no Service.
    undo: [onNode(node, `if iptables-save -t nat | grep -q '^:${chain} ' && ! ${jumpsNow} >/dev/null; then printf '%s\\n' '*nat' ${jumps.map(word).join(' ')} COMMIT | iptables-restore -w --noflush; fi`), ...forgetUntranslated(node, match)],
  }
}

/** The kernel keeps a UDP request that nobody answered for 30 s only (nf_conntrack_udp_timeout). */
const forgetUntranslated = (node: string, { address, protocol, port }: Match): FaultAction[] => (protocol === 'tcp' ? [forgetUnanswered(node, { address, port })] : [])

type NftElement = [unknown, { goto?: { target: string } }]

/** nftables: the map of ClusterIPs loses the Service's element; packets go on with the ClusterIP as their destination. */
async function elementDeleted(node: string, match: Match, scene: FaultScene): Promise<FaultPlan> {
  const { address, protocol, port } = match
  const list = await nodeTells<{ nftables: { map?: { elem?: NftElement[] } }[] }>(node, 'nft -j list map ip kube-proxy service-ips', scene)
  const elements = list.nftables.flatMap((one) => one.map?.elem ?? [])
  const [, verdict] = elements.find(([key]) => JSON.stringify(keyOf(key)) === JSON.stringify([address, protocol, port])) ?? []
  const target = verdict?.goto?.target
  if (target === undefined) throw cannot(scene, 'delete a map element', `Node ${node} has none for ${address} . ${protocol} . ${port} in service-ips.`)
  const key = `${address} . ${protocol} . ${port}`
  const there = `nft get element ip kube-proxy service-ips '{ ${key} }' >/dev/null 2>&1`
  return {
    do: [onNode(node, `if ${there}; then nft delete element ip kube-proxy service-ips '{ ${key} }'; fi`)],
    undo: [onNode(node, `if ! ${there} && nft list chain ip kube-proxy ${word(target)} >/dev/null 2>&1; then nft add element ip kube-proxy service-ips ${word(`{ ${key} : goto ${target} }`)}; fi`), ...forgetUntranslated(node, match)],
  }
}

/** The parts of a map element's key, with or without a comment around it. */
function keyOf(key: unknown): unknown {
  const { concat, elem } = key as { concat?: unknown[]; elem?: { val?: { concat?: unknown[] } } }
  return concat ?? elem?.val?.concat
}
