import type { Deadline } from '@hoplab/core'
import { dockerOk } from '../../engine/docker.ts'
import { labelArguments } from '../../engine/marks.ts'
import type { NetworkPlan } from './network.ts'
import { clusterName, gatewayName } from './names.ts'

/**
 * Refuses everything at once, before it is routed: a packet without a route would be answered too, but only one a second per sender
 * (measured: the third refused connection in a row took 3 s). Priority -150 is after connection tracking.
 */
const refuseAll = (passes: string): string => `
table ip hoplab {
  chain arriving {
    type filter hook prerouting priority -150; policy accept;
    iif lo accept
    ct state established,related accept
    fib daddr type { broadcast, multicast } drop
${passes}    fib daddr type local meta l4proto tcp reject with tcp reset
    reject with icmp type admin-prohibited
  }
}
`

/** The gateway's way to the network beyond it, where the lab has one. */
export interface GatewayDoor {
  /** Commands that run before the rules are written. */
  setUp: string
  /** Rules that let packets through, in the chain of what arrives; `passes` come before everything is refused. */
  passes: string
  /** A chain of its own, beside that. */
  chain: string
  /** Name of the network beyond, and the container's address there as the engine knows it. */
  network: string
  address: string
}

/**
 * Set-up of the gateway: it owns the address that is everybody's default route, has none itself, and refuses what it is asked to carry.
 * The engine keeps auxiliary addresses for itself, so the address is added here rather than asked for.
 */
const setUp = (plan: NetworkPlan, door: GatewayDoor | undefined): string => `
set -e
echo $$ > /run/hoplab-toolbox.pid
lan=$(ip -o -4 address show to ${plan.subnet} | awk '{ print $2; exit }')
ip address add ${plan.gateway}/${plan.subnet.split('/')[1]} dev $lan
ip route del default 2>/dev/null || true
${door?.setUp ?? ''}nft -f - <<RULES${refuseAll(door?.passes ?? '')}${door?.chain ?? ''}RULES
exec sleep infinity
`

/** Starts the container that stands between the lab's network and everything else. */
export async function startGateway(lab: string, runId: string, image: string, plan: NetworkPlan, deadline: Deadline, door?: GatewayDoor): Promise<void> {
  await dockerOk([
    'create', '--pull', 'never', '--init', '--name', gatewayName(lab), '--network', clusterName(lab), '--cap-add', 'NET_ADMIN', '--restart', 'unless-stopped',
    // Without this the kernel answers one refused packet a second per sender; the rest looks like a time-out (icmp(7), icmp_ratelimit).
    '--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'net.ipv4.icmp_ratelimit=0',
    ...labelArguments({ lab, runId, role: 'gateway' }),
    '--entrypoint', 'sh', image, '-c', setUp(plan, door),
  ], { deadline })
  // Before it starts, so that its set-up finds both networks.
  if (door) await dockerOk(['network', 'connect', '--ip', door.address, door.network, gatewayName(lab)], { deadline })
  await dockerOk(['start', gatewayName(lab)], { deadline })
}

/** Makes sure that the gateway is set up, and tells it where Pods are, so that a refusal reaches a Pod whose address was not rewritten.
 *  Without `routes`, where nodes have no ranges of their own, such a Pod waits in vain. */
export async function routePods(lab: string, routes: readonly { podCidr: string; node: string }[], deadline: Deadline): Promise<void> {
  const commands = ['nft list table ip hoplab > /dev/null', ...routes.map(({ podCidr, node }) => `ip route replace ${podCidr} via ${node}`)]
  await dockerOk(['exec', gatewayName(lab), 'sh', '-ec', commands.join('\n')], { deadline })
}
