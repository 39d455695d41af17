import { Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { kubeForCni } from '../../testing/contract.ts'
import { crdsIn } from './crds.ts'
import { calicoInstaller } from './index.ts'
import { calicoObjects } from './manifest.ts'

const deadline = Deadline.start('calico', 280_000)
const yaml = `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ippools.crd.projectcalico.org
  creationTimestamp: null
spec: { group: crd.projectcalico.org, scope: Cluster }
status: { conditions: [], storedVersions: [] }
`
const installer = calicoInstaller({ readCrds: async (image) => (image === 'registry.test/crds:v1' ? yaml : '') })
const images = { calicoNode: 'registry.test/node:v1', calicoCni: 'registry.test/cni:v1', calicoCrds: 'registry.test/crds:v1' }
const objects = calicoObjects({ podSubnet: '10.9.0.0/16', nodeImage: 'n', cniImage: 'c' })

interface Container { name: string; command: string[]; env: { name: string; value?: string }[]; volumeMounts?: object[] }
const daemonSet = objects.find(({ kind }) => kind === 'DaemonSet')!
const pod = (daemonSet.spec as { template: { spec: { initContainers: Container[]; containers: Container[] } } }).template.spec
const container = (name: string): Container => [...pod.initContainers, ...pod.containers].find((one) => one.name === name)!
const envOf = (name: string): Record<string, string | undefined> => Object.fromEntries(container(name).env.map((one) => [one.name, one.value]))

describe('Calico', () => {
  test('one pool, the Pod range, is wrapped in VXLAN always', () => {
    expect(envOf('startup')).toMatchObject({ CALICO_IPV4POOL_CIDR: '10.9.0.0/16', CALICO_IPV4POOL_VXLAN: 'Always', CALICO_IPV4POOL_IPIP: 'Never', CALICO_NETWORKING_BACKEND: 'vxlan' })
  })
  test('with CrossSubnet the pool says so, and so does what the network is said to be', () => {
    const crossing = calicoObjects({ podSubnet: '10.9.0.0/16', nodeImage: 'n', cniImage: 'c', vxlanMode: 'CrossSubnet' }).find(({ kind }) => kind === 'DaemonSet')
    expect(JSON.stringify(crossing)).toContain('{"name":"CALICO_IPV4POOL_VXLAN","value":"CrossSubnet"}')
    const { capabilities, options } = calicoInstaller({ vxlanMode: 'CrossSubnet' })
    expect([capabilities.overlay, capabilities.overlayBetweenSubnets?.device, options]).toEqual([undefined, 'vxlan.calico', { calico: { vxlanMode: 'CrossSubnet' } }])
    expect(calicoInstaller({ vxlanMode: 'Always' })).toMatchObject({ capabilities: { overlay: { device: 'vxlan.calico' } } })
    expect(calicoInstaller({ vxlanMode: 'Always' }).options).toBeUndefined()
  })
  test('Felix reports to nobody outside, puts nothing back by the clock, and leaves eBPF alone', () => {
    expect(envOf('calico-node')).toMatchObject({ FELIX_USAGEREPORTINGENABLED: 'false', FELIX_ROUTEREFRESHINTERVAL: '0', FELIX_IPTABLESREFRESHINTERVAL: '0', FELIX_BPFENABLED: 'false', FELIX_DebugSkipCTLBCleanup: 'true' })
  })
  test('the configuration is put aside by the installer and appears when Felix is ready', () => {
    const { CNI_CONF_NAME: staged = '', CNI_OLD_CONF_NAME } = envOf('install-cni')
    // The installer removes the old one when the names differ.
    expect(CNI_OLD_CONF_NAME).toBe(staged)
    expect(staged).not.toMatch(/\.(?:conf|conflist|json)$/u)
    expect(container('cni').command.at(-1)).toMatch(new RegExp(`^until calico-node -felix-ready; .*cp /host/etc/cni/net\\.d/${staged.replaceAll('.', String.raw`\.`)} /host/etc/cni/net\\.d/10-calico\\.conflist; exec calico-node -monitor-token$`, 'u'))
  })
  test('the conflist is Calico with its own addresses, and port mapping', () => {
    const config = objects.find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>
    expect(JSON.parse(config.cni_network_config!)).toMatchObject({ plugins: [{ type: 'calico', ipam: { type: 'calico-ipam' }, mtu: 0 }, { type: 'portmap' }] })
  })
  test('the agent may make tokens for the plugin and nobody else, and the plugin changes nothing but addresses and its Pod\'s status', () => {
    const rulesOf = (name: string): { resources: string[]; verbs: string[]; resourceNames?: string[] }[] => objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === name)?.rules as never
    expect(rulesOf('calico-node').find(({ resources }) => resources.includes('serviceaccounts/token'))).toMatchObject({ verbs: ['create'], resourceNames: ['calico-cni-plugin'] })
    const changed = rulesOf('calico-cni-plugin').filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb))).flatMap(({ resources }) => resources)
    expect(changed.sort()).toEqual(['blockaffinities', 'ipamblocks', 'ipamconfigs', 'ipamhandles', 'pods/status'])
  })
})

describe('its kinds', () => {
  test('come from the image that is named, first and without status', async () => {
    const kube = kubeForCni()
    await installer.install({ kube, podSubnet: '10.9.0.0/16', images }, deadline)
    expect(kube.writes[0]).toBe('apply CustomResourceDefinition ippools.crd.projectcalico.org')
    expect(crdsIn(yaml)).toEqual([{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'ippools.crd.projectcalico.org' }, spec: { group: 'crd.projectcalico.org', scope: 'Cluster' } }])
  })
  test.each([['nothing', ''], ['something else', 'apiVersion: v1\nkind: Secret\nmetadata: { name: x }\n'], ['half a file', `${yaml}---\nkind: [`]])('%s is refused before anything is written', async (_name, text) => {
    const kube = kubeForCni()
    await expect(calicoInstaller({ readCrds: async () => text }).install({ kube, podSubnet: '10.9.0.0/16', images }, deadline)).rejects.toMatchObject({ code: 'HOP_CNI_CRDS_UNREADABLE', exitCode: 3 })
    expect(kube.writes).toEqual([])
  })
})

describe('what is pending', () => {
  const tunnel = { 'projectcalico.org/IPv4VXLANTunnelAddr': '10.9.0.1' }
  async function installed(available: number, annotations: Record<string, string>[]): Promise<FakeKube> {
    const kube = kubeForCni(annotations.map((each, index): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: `n${index}`, annotations: each } })))
    await installer.install({ kube, podSubnet: '10.9.0.0/16', images }, deadline)
    const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'calico-system', name: 'calico-node' }, deadline)
    kube.put({ ...set!, metadata: { ...set!.metadata, generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: available } })
    return kube
  }
  const pending = async (available: number, annotations: Record<string, string>[], nodeCount = 2): Promise<string[]> => installer.pending({ kube: await installed(available, annotations), nodeCount }, deadline)
  test('nothing, when every node runs it and has an end of the tunnel', async () => { expect(await pending(2, [tunnel, tunnel])).toEqual([]) })
  test('a node without an end of the tunnel, an unavailable Pod, an uncounted node', async () => {
    expect(await pending(2, [tunnel, {}])).toEqual(['calico-node on n1 has no address for its tunnel yet'])
    expect(await pending(1, [tunnel, tunnel])).toEqual([expect.stringContaining('available on 1 of 2')])
    expect(await pending(2, [tunnel, tunnel], 3)).toEqual([expect.stringContaining('2 of 3 nodes')])
  })
})
