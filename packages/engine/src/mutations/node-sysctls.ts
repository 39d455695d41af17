import { cannot, type FaultScene, type Mutation, nodeSays, onNode, overlayDevice, word } from './mutation.ts'

/** Values of kernel settings by file, as one node has them now. */
async function sysctls(node: string, patterns: readonly string[], scene: FaultScene): Promise<Map<string, string>> {
  const said = await nodeSays(node, `for file in ${patterns.join(' ')}; do echo "$file $(cat "$file")"; done`, scene)
  return new Map(said.trim().split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
}

/** Writes values back; a setting of an interface that has gone meanwhile is left out. */
const putBack = (values: ReadonlyMap<string, string>): string =>
  [...values].map(([file, value]) => `if [ -e ${word(file)} ]; then echo ${word(value)} > ${word(file)}; fi`).join('\n')

const ipv4 = '/proc/sys/net/ipv4'

/**
 * The node forwards nothing. Writing ip_forward also writes `forwarding` of every interface and `accept_redirects` of `all`
 * (Linux, Documentation/networking/ip-sysctl.rst), so all of them are recorded; ip_forward is put back first.
 */
export const ipForwardOff: Mutation<'ip-forward-off'> = {
  layer: 'node',
  async plan({ node: position }, scene) {
    const node = scene.cluster.nodeName(position)
    const before = await sysctls(node, [`${ipv4}/ip_forward`, `${ipv4}/conf/*/forwarding`, `${ipv4}/conf/all/accept_redirects`], scene)
    if (before.get(`${ipv4}/ip_forward`) !== '1') throw cannot(scene, 'turn forwarding off', `Node ${node} does not forward already.`)
    return { do: [onNode(node, `echo 0 > ${ipv4}/ip_forward`)], undo: [onNode(node, putBack(before))] }
  },
}

/**
 * Strict reverse-path filtering (RFC 3704) on a device and on `all`; the larger of the two counts. On a VXLAN device both ways take the same
 * device, so nothing breaks there (measured here with Flannel); where a node filters strictly already there is nothing to put in.
 */
export const rpFilterStrict: Mutation<'rp-filter-strict'> = {
  layer: 'node',
  async plan(settings, scene) {
    const node = scene.cluster.nodeName(settings.node)
    const device = settings.device ?? overlayDevice(scene).device
    const files = ['all', device].map((one) => `${ipv4}/conf/${one}/rp_filter`)
    const before = await sysctls(node, files, scene)
    if ([...before.values()].every((value) => value === '1')) throw cannot(scene, 'filter strictly', `Node ${node} does so already on all and ${device}.`)
    return { do: [onNode(node, files.map((file) => `echo 1 > ${file}`).join('\n'))], undo: [onNode(node, putBack(before))] }
  },
}
