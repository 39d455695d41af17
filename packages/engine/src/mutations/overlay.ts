import { cannot, existing, type FaultScene, type Mutation, nodeTells, onNode, overlayDevice } from './mutation.ts'

interface FdbEntry { mac: string; dst?: string; state?: string }
interface Route { dst: string; gateway?: string; flags?: string[] }

/**
 * The node no longer knows behind which node's address the overlay's other end is. flanneld writes the entry when a node joins
 * and never looks again (measured here: not within 45 s).
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

/** The node has no route to the Pods of a peer: their packets follow the default route. flanneld does not put it back (measured here: not within 45 s). */
export const routeRemoved: Mutation<'route-removed'> = {
  layer: 'cni',
  async plan(settings, scene) {
    const { device } = overlayDevice(scene)
    const node = scene.cluster.nodeName(settings.node)
    const range = await podRangeOf(settings.peer, scene)
    const [route] = (await nodeTells<Route[]>(node, `ip -j route show dev ${device}`, scene)).filter((one) => one.dst === range)
    if (!route) throw cannot(scene, 'remove a route', `${node} has none for ${range} on ${device}.`)
    const via = route.gateway === undefined ? '' : `via ${route.gateway} `
    return {
      do: [onNode(node, `if [ -n "$(ip route show ${range} dev ${device})" ]; then ip route del ${range} dev ${device}; fi`)],
      undo: [onNode(node, `ip route replace ${range} ${via}dev ${device} ${(route.flags ?? []).includes('onlink') ? 'onlink' : ''}`)],
    }
  },
}

function addressOf(position: string, { cluster }: FaultScene): string {
  const name = cluster.nodeName(position)
  return cluster.nodes.find((node) => node.name === name)?.address ?? ''
}

async function podRangeOf(position: string, scene: FaultScene): Promise<string> {
  const name = scene.cluster.nodeName(position)
  const { podCIDR } = ((await existing({ apiVersion: 'v1', kind: 'Node', name }, scene)).spec ?? {}) as { podCIDR?: string }
  if (podCIDR === undefined) throw cannot(scene, `find the Pods' range of ${name}`, 'Its Node has no podCIDR.')
  return podCIDR
}
