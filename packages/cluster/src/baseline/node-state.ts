import type { Deadline } from '@hoplab/core'
import { HOP_TOOLBOX_GONE } from '../errors.ts'
import type { Toolbox } from '../port.ts'

/** Where kubeadm tells the kubelet to look for static Pods. */
export const manifestFolder = '/etc/kubernetes/manifests'

/** Questions to one node, all in one exec; each prints one aspect. The node's own files are seen through its first process. */
const questions: Record<string, string> = {
  links: 'ip -j -d link show',
  addresses: 'ip -j address show',
  routes: 'ip -j -d route show table all',
  rules: 'ip -j rule show',
  fdb: 'bridge -j fdb show',
  sysctls: 'cd /proc/sys/net; for f in ipv4/ip_forward ipv4/conf/*/rp_filter ipv4/conf/*/forwarding ipv4/conf/*/proxy_arp bridge/bridge-nf-call-iptables; do [ -e "$f" ] && echo "$f=$(cat "$f")"; done',
  // What a runtime reads; a plugin's token, which may lie beside it, is made anew from time to time.
  conflists: 'cd /proc/1/root/etc/cni/net.d && for f in *.conf *.conflist *.json; do [ -f "$f" ] && echo "== $f" && cat "$f"; done',
  iptables: 'iptables-nft-save 2>/dev/null; iptables-legacy-save 2>/dev/null',
  nftables: 'nft -s list ruleset 2>/dev/null',
  // In the order in which they are started.
  units: 'for unit in containerd kubelet; do echo "$unit $(nsenter -t 1 -m -- systemctl is-active "$unit")"; done',
  // What the kubelet runs without the API; it passes over names that begin with a dot, as this does.
  manifests: `cd /proc/1/root${manifestFolder} && for f in *; do [ -f "$f" ] && echo "$(base64 < "$f" | tr -d '\\n') $f"; done`,
}

/** State of a node that outlives its Pods, one normalized text per aspect. @param aspects all by default @throws HOP_TOOLBOX_GONE */
export async function nodeState(toolbox: Toolbox, deadline: Deadline, aspects: readonly string[] = Object.keys(questions)): Promise<Record<string, string>> {
  const mark = crypto.randomUUID()
  const script = aspects.map((aspect) => `echo '${mark} ${aspect}'; ( ${questions[aspect]} ) || true\n`).join('')
  const result = await toolbox.exec(['sh', '-s'], { deadline, input: `${script}echo '${mark} end'\n` })
  const parts = result.stdout.split(`${mark} `)
  if (parts.at(-1)?.trim() !== 'end') throw HOP_TOOLBOX_GONE({ container: `of ${toolbox.node}`, said: result.stderr })
  const raw = Object.fromEntries(parts.slice(1, -1).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]))
  return Object.fromEntries(aspects.map((aspect) => [aspect, normalize(aspect, raw[aspect] ?? '')]))
}

type Json = Record<string, unknown>

/** Without what changes by itself: Pods' veth pairs, counters, timers, learned neighbours, chains per Service or Pod. */
export function normalize(aspect: string, raw: string): string {
  switch (aspect) {
    case 'links': return json(raw, (link) => !isVeth(link.ifname), (link) => pick(link, ['ifname', 'mtu', 'operstate', 'address', 'master', 'link_type'], { info: vxlanOf(link) }))
    case 'addresses': return json(raw, (link) => !isVeth(link.ifname), (link) => pick(link, ['ifname'], { addresses: addressesOf(link) }))
    case 'routes': return json(raw, (route) => !isVeth(route.dev), (route) => pick(route, ['type', 'dst', 'gateway', 'dev', 'table', 'protocol', 'scope', 'prefsrc', 'metric', 'flags']))
    case 'rules': return json(raw, (rule) => !isOfPod(rule), (rule) => rule)
    case 'fdb': return json(raw, (entry) => entry.dst !== undefined, (entry) => pick(entry, ['mac', 'ifname', 'dst', 'state']))
    case 'sysctls': return lines(raw).filter((line) => !/conf\/(?:veth|cali|eni)/u.test(line)).sort().join('\n')
    case 'iptables': return iptablesRules(raw)
    case 'nftables': return nftTables(raw)
    case 'manifests': return manifestLines(raw)
    default: return raw.trim()
  }
}

/** A Pod's cable: most plugins let the kernel name it, Calico begins with `cali`, the AWS VPC CNI with `eni`. */
const isVeth = (name: unknown): boolean => typeof name === 'string' && /^(?:veth|cali|eni)/u.test(name)
/** The AWS VPC CNI has a rule for each Pod: 512 to its address, 1536 from it where that belongs to a second interface. */
const isOfPod = ({ priority, src, dst }: Json): boolean => (priority === 512 && dst !== undefined) || (priority === 1536 && src !== 'all')
const lines = (text: string): string[] => text.split('\n').map((line) => line.trimEnd()).filter(Boolean)

function json(raw: string, keep: (item: Json) => boolean, shape: (item: Json) => unknown): string {
  let items: Json[]
  try { items = JSON.parse(raw || '[]') as Json[] } catch { return raw.trim() }
  return items.filter((item) => Object.keys(item).length > 0 && keep(item)).map((item) => JSON.stringify(shape(item))).sort().join('\n')
}

function pick(item: Json, keys: readonly string[], extra: Json = {}): Json {
  return { ...Object.fromEntries(keys.filter((key) => item[key] !== undefined).map((key) => [key, item[key]])), ...Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined)) }
}

function vxlanOf(link: Json): unknown {
  const info = link.linkinfo as { info_kind?: string; info_data?: Json } | undefined
  return info?.info_kind === 'vxlan' ? pick(info.info_data ?? {}, ['id', 'local', 'link', 'port', 'learning']) : info?.info_kind
}

function addressesOf(link: Json): string[] {
  return ((link.addr_info ?? []) as { family: string; local: string; prefixlen: number; scope: string }[])
    .filter((address) => address.family === 'inet').map((address) => `${address.local}/${address.prefixlen}`).sort()
}

/** Chains that kube-proxy, kubelet, Calico or Weave write anew whenever a Service, Pod or policy changes; what they hold is judged by checks, not by the baseline. */
const writtenAnew = /^(?::|-A |-I )(?:KUBE-|CNI-|cali-|WEAVE-NPC)|-[jg] (?:KUBE-|CNI-|cali-|WEAVE-NPC)/u

function iptablesRules(raw: string): string {
  return lines(raw).filter((line) => !line.startsWith('#') && !writtenAnew.test(line)).map((line) => line.replace(/ ?\[\d+:\d+\] ?/gu, '')).join('\n')
}

/** Tables of their own only: those that iptables-nft writes are seen by iptables, and kube-proxy's follows the Services. */
function nftTables(raw: string): string {
  return raw.split(/^(?=table )/mu).filter((table) => table.startsWith('table ') && !/^table \S+ (?:filter|nat|mangle|raw|security|kube-proxy)\b/u.test(table))
    .map((table) => table.replaceAll(/ counter(?: packets \d+ bytes \d+)?/gu, '').trim()).sort().join('\n')
}

/** One line for each file, so that a difference begins with its name; {@link filesOf} reads it. Whole, because a reset writes it back. */
function manifestLines(raw: string): string {
  return lines(raw).flatMap((line) => {
    const [, encoded, file] = /^(\S*) (.+)$/u.exec(line) ?? []
    return encoded === undefined ? [] : [JSON.stringify({ file, text: Buffer.from(encoded, 'base64').toString('utf8') })]
  }).sort().join('\n')
}

/** Texts of the files of the aspect `manifests`, by name. */
export function filesOf(manifests: string): Map<string, string> {
  return new Map(lines(manifests).map((line) => JSON.parse(line) as { file: string; text: string }).map(({ file, text }) => [file, text]))
}
