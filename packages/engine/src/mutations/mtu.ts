import { cannot, type FaultPlan, type FaultScene, type Mutation, nodeSays, nodesMeant, onNode, overlayDevice, word } from './mutation.ts'

interface Mtu { netns: string; device: string; mtu: string }

/** Where the container runtime keeps the network namespaces of Pods, seen through the node's first process. */
const folder = '/proc/1/root/run/netns'

/**
 * The Pods of a node, and the bridge between them, take packets that do not fit into the uplink once they are wrapped. The overlay's own device
 * stays: the kernel refuses a VXLAN device more than its uplink can carry (measured here). Pods made later get the usual size again.
 */
export const mtuTooHigh: Mutation<'mtu-too-high'> = {
  layer: 'cni',
  async plan({ node, mtu }, scene) {
    overlayDevice(scene)
    const plans = await Promise.all(nodesMeant(node, scene).map((one) => raised(one, mtu, scene)))
    return { do: plans.flatMap((plan) => plan.do), undo: plans.flatMap((plan) => plan.undo) }
  },
}

async function raised(node: string, mtu: number, scene: FaultScene): Promise<FaultPlan> {
  const bridge = scene.network.bridge === undefined ? '' : word(scene.network.bridge)
  const mtuOf = (device: string): string => `ip -o link show ${device} | sed 's/.* mtu \\([0-9]*\\) .*/\\1/'`
  const said = await nodeSays(node, [
    `for device in ${bridge} $(ip -o link show type veth | sed 's/^[0-9]*: \\([^@:]*\\).*/\\1/'); do echo "- $device $(${mtuOf('"$device"')})"; done`,
    `for netns in ${folder}/*; do if [ -e "$netns" ]; then echo "$netns eth0 $(nsenter --net="$netns" ${mtuOf('eth0')})"; fi; done`,
  ].join('\n'), scene)
  const before = said.trim().split('\n').filter(Boolean).map((line): Mtu => { const [netns = '', device = '', old = ''] = line.split(' '); return { netns, device, mtu: old } })
  if (before.length === 0) throw cannot(scene, 'raise the MTU', `Node ${node} has no Pods' interfaces.`)
  // The way first and the Pods last, so that no Pod sends what the way does not take yet; back in the other order.
  return {
    do: [onNode(node, before.map((one) => setTo(one, String(mtu))).join('\n'))],
    undo: [onNode(node, before.toReversed().map((one) => setTo(one, one.mtu)).join('\n'))],
  }
}

/** Nothing where the device or its Pod has gone meanwhile. */
function setTo({ netns, device }: Mtu, mtu: string): string {
  const enter = netns === '-' ? '' : `nsenter --net=${word(netns)} `
  const there = netns === '-' ? `[ -n "$(ip -o link show ${word(device)} 2>/dev/null)" ]` : `[ -e ${word(netns)} ]`
  return `if ${there}; then ${enter}ip link set ${word(device)} mtu ${mtu}; fi`
}
