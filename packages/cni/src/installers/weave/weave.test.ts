import { Deadline } from '@hoplab/core'
import type { KubeObject } from '@hoplab/kube'
import type { FakeKube } from '@hoplab/kube/testing'
import { describe, expect, test } from 'vitest'
import { kubeForCni } from '../../testing/contract.ts'
import { weaveInstaller } from './index.ts'
import { weaveObjects } from './manifest.ts'

const deadline = Deadline.start('weave', 280_000)
const images = { weave: 'registry.test/weave:v1' }

interface Container { name: string; env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[] }
const routerOf = (objects: readonly KubeObject[]): Container => (objects.find(({ kind }) => kind === 'DaemonSet')!.spec as { template: { spec: { containers: Container[] } } }).template.spec.containers.find(({ name }) => name === 'weave')!
const envOf = (objects: readonly KubeObject[], name: string): Container['env'][number] | undefined => routerOf(objects).env.find((one) => one.name === name)

describe('Weave', () => {
  const settings = { podSubnet: '10.9.0.0/16', nodeCount: 3, image: 'w' }
  test('its peers are told how many they will be, and the range that they share', () => {
    const objects = weaveObjects({ ...settings, password: undefined })
    expect([envOf(objects, 'NODES')?.value, envOf(objects, 'POD_SUBNET')?.value]).toEqual(['3', '10.9.0.0/16'])
  })
  test('a password lies in a Secret and nowhere else, and takes more of each packet', () => {
    const objects = weaveObjects({ ...settings, password: 'quiet-please' })
    const secret = objects.find(({ kind }) => kind === 'Secret')
    expect(secret).toMatchObject({ metadata: { namespace: 'kube-system' }, stringData: { password: 'quiet-please' } })
    expect(envOf(objects, 'WEAVE_PASSWORD')?.valueFrom?.secretKeyRef).toEqual({ name: secret?.metadata.name, key: 'password' })
    expect(JSON.stringify(objects.filter((object) => object !== secret))).not.toContain('quiet-please')
    expect(weaveInstaller({ password: 'x' }).capabilities.overlay?.overhead).toBe(weaveInstaller().capabilities.overlay!.overhead + 24)
  })
  test('without one there is no Secret, and the password is empty', () => {
    const objects = weaveObjects({ ...settings, password: undefined })
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
    expect(envOf(objects, 'WEAVE_PASSWORD')).toEqual({ name: 'WEAVE_PASSWORD', value: '' })
  })
  test('it changes nothing in the cluster but its list of peers and the condition of Nodes', () => {
    const rules = weaveObjects({ ...settings, password: undefined }).flatMap(({ rules: own = [] }) => own as { resources: string[]; verbs: string[]; resourceNames?: string[] }[])
    const changing = rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
    expect(changing.map(({ resources, verbs, resourceNames }) => [resources, verbs, resourceNames])).toEqual([
      [['nodes/status'], ['patch', 'update'], undefined], [['configmaps'], ['get', 'update'], ['weave-net']], [['configmaps'], ['create'], undefined],
    ])
  })
})

describe('what is pending', () => {
  const listed = (peers: Record<string, string>): KubeObject => ({
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'weave-net', namespace: 'kube-system', annotations: { 'kube-peers.weave.works/peers': JSON.stringify({ Peers: Object.entries(peers).map(([NodeName, PeerName]) => ({ PeerName, NodeName })) }) } },
  })
  const pod = (node: string, ready: boolean): KubeObject => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `weave-net-${node}`, namespace: 'kube-system', labels: { name: 'weave-net' } }, spec: { nodeName: node }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
  const event = (node: string, lastTimestamp: string, message: string): KubeObject => ({
    apiVersion: 'v1', kind: 'Event', metadata: { name: `e-${lastTimestamp}`, namespace: 'kube-system' }, reason: 'Unhealthy', involvedObject: { name: `weave-net-${node}` }, lastTimestamp, message,
  })
  async function cluster(available: number, objects: readonly KubeObject[]): Promise<FakeKube> {
    const kube = kubeForCni([...['n1', 'n2'].map((name) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })), ...objects])
    await weaveInstaller().install({ kube, podSubnet: '10.9.0.0/16', nodeCount: 2, images }, deadline)
    const set = await kube.get({ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'kube-system', name: 'weave-net' }, deadline)
    kube.put({ ...set!, metadata: { ...set!.metadata, generation: 1 }, status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: available } })
    return kube
  }
  const pending = async (available: number, ...objects: KubeObject[]): Promise<string[]> => weaveInstaller().pending({ kube: await cluster(available, objects), nodeCount: 2 }, deadline)
  const [a, b] = ['7e:00:00:00:00:0a', '7e:00:00:00:00:0b']

  test('nothing, when every node\'s Pod is ready and has joined under a name of its own', async () => {
    expect(await pending(2, listed({ n1: a, n2: b }), pod('n1', true), pod('n2', true), event('n1', '2026-01-01T00:00:00Z', 'Readiness probe failed: weaver does not answer'))).toEqual([])
  })
  test('a rolled out DaemonSet alone is not enough: a node whose peer is in nobody\'s list', async () => {
    expect(await pending(2, listed({ n1: a }), pod('n1', true), pod('n2', true))).toEqual(['weave-net on n2 has not joined the mesh'])
    expect(await pending(2, pod('n1', true), pod('n2', true))).toHaveLength(2)
  })
  test('two nodes that are one peer', async () => {
    expect(await pending(2, listed({ n1: a, n2: a }), pod('n1', true), pod('n2', true))).toEqual([`weave-net on n2 and on n1 is the same peer (${a}): they never connect`])
  })
  test('peers without a quorum: what each says last', async () => {
    const said = [event('n2', '2026-01-01T00:00:01Z', 'Readiness probe failed: addresses: awaiting consensus (quorum: 2, known: 1)'), event('n2', '2026-01-01T00:00:00Z', 'Readiness probe failed: weaver does not answer')]
    expect(await pending(1, listed({ n1: a, n2: b }), pod('n1', true), pod('n2', false), ...said)).toEqual([
      'DaemonSet kube-system/weave-net is available on 1 of 2 nodes', 'weave-net on n2 is not ready: addresses: awaiting consensus (quorum: 2, known: 1)',
    ])
  })
  test('a list that somebody has broken counts as none', async () => {
    const broken = listed({})
    broken.metadata.annotations!['kube-peers.weave.works/peers'] = '{"Peers":'
    expect(await pending(2, broken, pod('n1', true), pod('n2', true))).toHaveLength(2)
  })

  const faults = async (...objects: KubeObject[]): Promise<[string, string, string][]> => (await weaveInstaller().faults({ kube: await cluster(1, objects) }, deadline)).map(({ code, facts }) => [code, facts.why, facts.fix])
  const kubeadm = (podSubnet: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kubeadm-config', namespace: 'kube-system' }, data: { ClusterConfiguration: `kind: ClusterConfiguration\nnetworking:\n  podSubnet: ${podSubnet}\n` } })

  test('peers without a quorum are a fault of that name; one that is only late is none', async () => {
    const awaiting = event('n2', '2026-01-01T00:00:01Z', 'Readiness probe failed: 0 of 1 peers are connected; addresses: awaiting consensus (quorum: 2, known: 1)')
    expect(await faults(listed({ n1: a, n2: b }), pod('n1', true), pod('n2', false), awaiting)).toEqual([
      ['HOP_CNI_NO_QUORUM', 'weave-net on n2 is not ready: 0 of 1 peers are connected; addresses: awaiting consensus (quorum: 2, known: 1)', expect.stringContaining('TCP and UDP 6783')],
    ])
    expect(await faults(listed({ n1: a, n2: b }), pod('n1', true), pod('n2', false), event('n2', '2026-01-01T00:00:01Z', 'Readiness probe failed: weaver does not answer'))).toEqual([])
  })
  test('another range than the cluster was made with is pending, and a fault that comes before its consequences', async () => {
    const said = 'POD_SUBNET of DaemonSet kube-system/weave-net is 10.9.0.0/16, the cluster\'s Pods are in 10.244.0.0/16 (ConfigMap kube-system/kubeadm-config)'
    const healthy = [listed({ n1: a, n2: b }), pod('n1', true), pod('n2', true)]
    expect(await pending(2, ...healthy, kubeadm('10.244.0.0/16'))).toEqual([said])
    expect(await faults(...healthy, kubeadm('10.244.0.0/16'))).toEqual([['HOP_CNI_RANGE_DIFFERS', said, expect.stringContaining('10.244.0.0/16')]])
    expect(await pending(2, ...healthy, kubeadm('10.9.0.0/16'))).toEqual([])
  })
})
