import { BlockList } from 'node:net'
import { Deadline, poll } from '@hoplab/core'
import type { KubeClient, KubeObject } from '@hoplab/kube'
import { describe, expect, test } from 'vitest'
import type { CniInstaller } from '../port.ts'

/** A cluster that a CNI was installed into and that is ready. */
export interface InstalledCni {
  installer: CniInstaller
  kube: KubeClient
  /** Names of all its nodes. */
  nodes: readonly string[]
  podSubnet: string
  /** Names of its images by key, as they were given to `install`. */
  images: Readonly<Record<string, string>>
  /** What a shell script prints in a node's network and process namespaces; throws when it fails. */
  onNode(node: string, script: string): Promise<string>
}

interface Link { ifname: string; mtu: number; linkinfo?: { info_kind?: string; info_data?: { id?: number; port?: number } } }

/** What every {@link CniInstaller} promises of the network that it has made; takes seconds on a cluster that is up already. */
export function installedCniContract(name: string, get: () => InstalledCni): void {
  describe(`installed CNI contract: ${name}`, () => {
    const bound = (): Deadline => Deadline.start('installed CNI', 120_000)
    const links = async (node: string): Promise<Link[]> => JSON.parse(await get().onNode(node, 'ip -j -d link show')) as Link[]

    test('nothing is pending; one node more than there are would be', async () => {
      using deadline = bound()
      const { installer, kube, nodes } = get()
      expect(await installer.pending({ kube, nodeCount: nodes.length }, deadline)).toEqual([])
      expect(await installer.pending({ kube, nodeCount: nodes.length + 1 }, deadline)).not.toEqual([])
    })

    test('every node has one configuration, and its first plugin is the one that is named', async () => {
      for (const node of get().nodes) {
        const found = await get().onNode(node, 'cd /proc/1/root/etc/cni/net.d && for file in *.conf *.conflist *.json; do if [ -f "$file" ]; then cat "$file"; fi; done')
        expect((JSON.parse(found) as { plugins: { type: string }[] }).plugins[0]?.type, node).toBe(get().installer.capabilities.plugin)
      }
    })

    test('every node has the bridge and the tunnel that are named and no others, and the tunnel leaves room for what it adds', async () => {
      const { bridge, overlay, overlayBetweenSubnets } = get().installer.capabilities
      const tunnel = overlay ?? overlayBetweenSubnets
      for (const node of get().nodes) {
        const found = await links(node)
        const uplink = found.find(({ ifname }) => ifname === 'eth0')?.mtu ?? 0
        const ofKind = (kind: string): Link[] => found.filter(({ linkinfo }) => linkinfo?.info_kind === kind)
        expect(ofKind('bridge').map(({ ifname }) => ifname), node).toEqual(bridge === undefined ? [] : [bridge])
        expect(ofKind('vxlan').map(({ ifname, mtu, linkinfo }) => ({ ifname, mtu, id: linkinfo?.info_data?.id, port: linkinfo?.info_data?.port })), node)
          .toEqual(tunnel?.kind === 'vxlan' ? [{ ifname: tunnel.device, mtu: uplink - tunnel.overhead, id: tunnel.vni, port: tunnel.port }] : [])
      }
    })

    test('addresses of Pods come from where it says', async () => {
      using deadline = bound()
      const { installer, kube, podSubnet } = get()
      const ranges = new Map((await kube.list({ apiVersion: 'v1', kind: 'Node' }, deadline)).map((node) => [node.metadata.name, (node.spec as { podCIDR?: string }).podCIDR ?? '']))
      const pods = (await kube.list({ apiVersion: 'v1', kind: 'Pod' }, deadline)).filter(ownNetwork)
      expect(pods.length).toBeGreaterThan(1)
      for (const pod of pods) {
        const range = installer.capabilities.ipam === 'per-node' ? ranges.get((pod.spec as { nodeName: string }).nodeName) ?? '' : podSubnet
        expect(isIn((pod.status as { podIP: string }).podIP, range), `${pod.metadata.name} in ${range}`).toBe(true)
      }
    })

    test('to install it once more changes nothing that runs', async () => {
      using deadline = bound()
      const { installer, kube, nodes, podSubnet, images } = get()
      const pods = (): Promise<KubeObject[]> => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: installer.capabilities.agent.namespace }, deadline)
      // One that is on its way out already, as the first CoreDNS of a new cluster may be, goes whatever is installed (seen).
      const agents = async (): Promise<(string | undefined)[]> => (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => pod.metadata.uid).sort()
      const before = await agents()
      expect(before.length).toBeGreaterThanOrEqual(nodes.length)
      await installer.install({ kube, podSubnet, nodeCount: nodes.length, images }, deadline)
      expect((await poll(() => installer.pending({ kube, nodeCount: nodes.length }, deadline), { deadline, withinMs: 20_000, until: (reasons) => reasons.length === 0 })).last).toEqual([])
      expect(await agents()).toEqual(before)
    })
  })
}

const ownNetwork = (pod: KubeObject): boolean => {
  const { phase, podIP } = (pod.status ?? {}) as { phase?: string; podIP?: string }
  return phase === 'Running' && podIP !== undefined && (pod.spec as { hostNetwork?: boolean }).hostNetwork !== true
}

function isIn(address: string, cidr: string): boolean {
  const [base = '', bits] = cidr.split('/')
  const range = new BlockList()
  range.addSubnet(base, Number(bits))
  return range.check(address)
}
