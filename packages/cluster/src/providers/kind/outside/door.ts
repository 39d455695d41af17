import type { GatewayDoor } from '../gateway.ts'
import type { NetworkPlan } from '../network.ts'
import type { InternetPlan } from './plan.ts'

/** NodePorts (kube-apiserver --service-node-port-range, default). */
const nodePorts = '30000-32767'

/**
 * What the gateway lets through, as one of a cloud does. Out: what carries an address of the nodes' network, hidden behind the gateway's own; it knows no
 * others, so a Pod's own address is refused. In: to NodePorts, with the address of whoever asks.
 */
export function doorTo(internet: InternetPlan, network: string, nodes: NetworkPlan): GatewayDoor {
  return {
    network,
    address: internet.gatewayContainer,
    setUp: `net=$(ip -o -4 address show to ${internet.subnet} | awk '{ print $2; exit }')\nip address add ${internet.gateway}/${internet.subnet.split('/')[1]} dev $net\n`,
    passes: [
      `    iif $lan ip saddr ${nodes.subnet} ip daddr ${internet.subnet} ip daddr != ${internet.host} accept`,
      `    iif $net ip saddr ${internet.server} ip daddr ${nodes.subnet} ip daddr != { ${nodes.host}, ${nodes.gateway} } tcp dport ${nodePorts} accept`, '',
    ].join('\n'),
    chain: `table ip hoplab {
  chain hiding {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${nodes.subnet} oif $net snat to ${internet.gateway}
  }
}
`,
  }
}
