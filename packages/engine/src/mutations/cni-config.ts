import type { FaultAction } from '@hoplab/model'
import { cannot, type Mutation, nodeSays, onNode, word } from './mutation.ts'

/** The folder the container runtime reads, seen through the node's first process. */
const folder = '/proc/1/root/etc/cni/net.d'
const nodeIs = (name: string, is: 'ready' | 'unready'): FaultAction => ({ act: 'wait', until: { state: 'node', name, is } })

/**
 * The node has no CNI configuration: the runtime says that its network is not ready, the Node becomes NotReady, and no new Pod starts there.
 * Agents write the file when their Pod starts, and that of `routes` when a Node changes; so it stays away.
 */
export const cniConfMissing: Mutation<'cni-conf-missing'> = {
  layer: 'cni',
  async plan({ node: position }, scene) {
    const node = scene.cluster.nodeName(position)
    const said = await nodeSays(node, `cd ${folder}\nfor file in *.conf *.conflist *.json; do if [ -f "$file" ]; then echo "$file $(stat -c %a "$file") $(base64 -w 0 "$file")"; fi; done`, scene)
    const files = said.trim().split('\n').filter(Boolean).map((line) => line.split(' '))
    if (files.length === 0) throw cannot(scene, 'remove the CNI configuration', `Node ${node} has none.`)
    // Moved into place whole: the runtime reads a file as soon as it appears.
    const write = files.map(([name = '', mode = '', content = '']) => [
      `echo ${word(content)} | base64 -d > ${word(`${folder}/.${name}.hoplab`)}`, `chmod ${mode} ${word(`${folder}/.${name}.hoplab`)}`,
      `mv ${word(`${folder}/.${name}.hoplab`)} ${word(`${folder}/${name}`)}`,
    ].join('\n')).join('\n')
    return {
      do: [onNode(node, files.map(([name = '']) => `rm -f ${word(`${folder}/${name}`)}`).join('\n')), nodeIs(node, 'unready')],
      undo: [onNode(node, write), nodeIs(node, 'ready')],
    }
  },
}

/**
 * A second CNI configuration comes first by name: Pods of before stay as they are, new Pods of the node get addresses that nobody has a route to.
 * Taking it back replaces the Pods that got one.
 */
export const secondConflistFirst: Mutation<'second-conflist-first'> = {
  layer: 'cni',
  async plan({ node: position, range }, scene) {
    const node = scene.cluster.nodeName(position)
    const file = `${folder}/00-hoplab-fault.conflist`
    const ipam = { type: 'host-local', subnet: range, dataDir: '/run/hoplab-fault', routes: [{ dst: '0.0.0.0/0' }] }
    const conflist = JSON.stringify({ cniVersion: '0.3.1', name: 'hoplab-fault', plugins: [{ type: 'ptp', ipam }] })
    const write = `printf %s ${word(conflist)} > ${word(`${folder}/.hoplab`)}\nmv ${word(`${folder}/.hoplab`)} ${word(file)}`
    return {
      do: [onNode(node, write)],
      undo: [onNode(node, `rm -f ${word(file)}`), { act: 'replace-pods', range }, onNode(node, 'rm -rf /proc/1/root/run/hoplab-fault')],
    }
  },
}
