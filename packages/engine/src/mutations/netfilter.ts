import { type FaultPlan, type FaultScene, type Mutation, nodesMeant, onNode, overlayDevice, word } from './mutation.ts'

/** A rule of our own at the head of a chain; its comment names it, so that undoing finds this rule and no other. */
interface OwnRule { table: string; chain: string; name: string; match: readonly string[]; target: string }

/** Puts the rule on each node, once however often it is asked, and takes away every copy. */
function ownRule(nodes: readonly string[], rule: OwnRule): FaultPlan {
  const body = [...rule.match, '-m', 'comment', '--comment', `hoplab-fault-${rule.name}`, '-j', rule.target].map(word).join(' ')
  const run = (command: string): string => `iptables -w -t ${rule.table} ${command} ${rule.chain} ${body}`
  return {
    do: nodes.map((node) => onNode(node, `${run('-C')} 2>/dev/null || ${run('-I')}`)),
    undo: nodes.map((node) => onNode(node, `while ${run('-C')} 2>/dev/null; do ${run('-D')}; done`)),
  }
}

/** Traffic between Pods is masqueraded as well: everything answers, and servers no longer see who asks. */
export const masqueradeTooWide: Mutation<'masquerade-too-wide'> = {
  layer: 'node',
  plan: async ({ node }, scene: FaultScene) => ownRule(nodesMeant(node, scene), {
    table: 'nat', chain: 'POSTROUTING', name: 'masquerade-too-wide', match: ['-s', scene.network.podSubnet, '-d', scene.network.podSubnet], target: 'MASQUERADE',
  }),
}

/** The node forwards no packet of a protocol, or none that was first sent to a port. */
export const forwardDrop: Mutation<'forward-drop'> = {
  layer: 'node',
  plan: async ({ node, protocol, port }, scene) => ownRule(nodesMeant(node, scene), {
    table: 'filter', chain: 'FORWARD', name: 'forward-drop', target: 'DROP',
    match: ['-p', protocol, ...(port === undefined ? [] : ['-m', 'conntrack', '--ctorigdstport', String(port), '--ctdir', 'ORIGINAL'])],
  }),
}

/**
 * The node drops the overlay's packets that come in; what it sends itself still leaves. Where policies are enforced this stands where packets
 * come in: the agent that does so puts its rules at the head of INPUT again whenever it writes any, and lets its tunnel through there (Calico 3.28, measured
 * here on 2026-11-28).
 */
export const vxlanPortDropped: Mutation<'vxlan-port-dropped'> = {
  layer: 'cni',
  plan: async ({ node }, scene) => ownRule(nodesMeant(node, scene), {
    ...(scene.network.networkPolicy ? { table: 'raw', chain: 'PREROUTING' } : { table: 'filter', chain: 'INPUT' }), name: 'vxlan-port-dropped', match: ['-p', 'udp', '--dport', String(overlayDevice(scene).port)], target: 'DROP',
  }),
}

/** One command on the nat table in the words in which iptables tells its rules: a shell would read their quotes in another way. */
export const restored = (command: string): string => `printf '%s\\n' '*nat' ${word(command)} COMMIT | iptables-restore -w --noflush`
