import { cannot, type FaultScene, type Mutation, nodeTells, onNode, overlayDevice } from './mutation.ts'

interface FdbEntry { mac: string; dst?: string; state?: string }
interface Route { dst: string; gateway?: string; dev: string; protocol?: string; metric?: number; prefsrc?: string; flags?: string[] }

/**
 * The node no longer knows behind which node's address the overlay's other end is. flanneld writes the entry when a node joins
 * and never looks again (measured here: not within 45 s); Felix would by a timer, which is off.
 */
export const fdbEntryRemoved: Mutation<'fdb-entry-removed'> = {
  layer: 'cni',
  async plan(settings, scene) {
    const { device } = overlayDevice(scene)
    const node = scene.cluster.nodeName(settings.node)
    const peer = addressOf(settings.peer, scene)
    const entries = (await nodeTells<FdbEntry[]>(node, `bridge -j fdb show dev ${device}`, scene)).filter((entry) => entry.dst === peer)
    if (entries.length === 0) throw cannot(scene, 'remove an FDB entry', `${node} has none for ${peer} on ${device}.`)
    const run = (command: string, { mac, state = '' }: FdbEntry): string => `bridge fdb ${command} ${mac} dev ${device} dst ${peer} self ${command === 'del' ? '' : state}`
    return {
      do: entries.map((entry) => onNode(node, `if bridge fdb show dev ${device} | grep -qF '${entry.mac} dst ${peer} '; then ${run('del', entry)}; fi`)),
      undo: entries.map((entry) => onNode(node, run('replace', entry))),
    }
  },
}

/**
 * The node has no route to the Pods of a peer: their packets follow the default route. Which routes lead there, the next hop tells: the peer's end of
 * the tunnel, or the peer itself. Nobody puts them back: flanneld does not (measured here: not within 45 s), Felix's timer is off, the script of
 * `routes` acts when a Node changes.
 */
export const routeRemoved: Mutation<'route-removed'> = {
  layer: 'cni',
  async plan(settings, scene) {
    const node = scene.cluster.nodeName(settings.node)
    const peer = scene.cluster.nodeName(settings.peer)
    const { overlay } = scene.network
    const device = overlay && overlayDevice(scene).device
    const hops = device === undefined ? [addressOf(settings.peer, scene)] : await addressesOn(peer, device, scene)
    const routes = (await nodeTells<Route[]>(node, 'ip -j route show', scene)).filter((one) => one.dst !== 'default' && hops.includes(one.gateway ?? '') && (device ?? one.dev) === one.dev)
    if (routes.length === 0) throw cannot(scene, 'remove a route', `${node} has none by way of ${hops.join(', ') || peer}.`)
    return {
      do: [onNode(node, routes.map((one) => `if [ -n "$(ip route show ${one.dst} dev ${one.dev})" ]; then ip route del ${one.dst} dev ${one.dev}; fi`).join('\n'))],
      undo: [onNode(node, routes.map((one) => `ip route replace ${inWords(one)}`).join('\n'))],
    }
  },
}

/** A route as the command that makes it takes it. */
function inWords({ dst, gateway, dev, protocol, metric, prefsrc, flags = [] }: Route): string {
  const parts = { via: gateway, dev, proto: protocol, metric, src: prefsrc }
  return [dst, ...Object.entries(parts).flatMap(([key, told]) => (told === undefined ? [] : [key, String(told)])), ...(flags.includes('onlink') ? ['onlink'] : [])].join(' ')
}

/** Addresses of a device of a node. */
async function addressesOn(node: string, device: string, scene: FaultScene): Promise<string[]> {
  const links = await nodeTells<{ addr_info?: { local: string }[] }[]>(node, `ip -j -4 address show dev ${device}`, scene)
  return links.flatMap((link) => (link.addr_info ?? []).map(({ local }) => local))
}

function addressOf(position: string, { cluster }: FaultScene): string {
  const name = cluster.nodeName(position)
  return cluster.nodes.find((node) => node.name === name)?.address ?? ''
}
