import type { ClusterNeeds } from '@hoplab/model'
import { expect, test } from 'vitest'
import { kindConfig } from './kind-config.ts'

const spec = { name: 'a', workers: 2, cni: 'flannel', proxyMode: 'nftables', images: 'local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false } as const

test('what a plugin asks of kubeadm is laid over kind\'s own configuration, and nothing is where it asks for nothing', () => {
  const patches = (needs?: ClusterNeeds): unknown => (JSON.parse(kindConfig(spec, needs)) as { kubeadmConfigPatches?: unknown }).kubeadmConfigPatches
  expect(patches({ kubeadm: [{ kind: 'KubeletConfiguration', maxPods: 32 }] })).toEqual(['{"kind":"KubeletConfiguration","maxPods":32}'])
  expect(patches()).toBeUndefined()
})

test('a cluster gets the ranges of its spec', () => {
  const { networking } = JSON.parse(kindConfig({ ...spec, podSubnet: '10.42.0.0/16', serviceSubnet: '10.43.0.0/16' })) as { networking: unknown }
  expect(networking).toMatchObject({ podSubnet: '10.42.0.0/16', serviceSubnet: '10.43.0.0/16' })
})

test('every node carries its position, so that Pods can be placed whatever the cluster is called', () => {
  const config = JSON.parse(kindConfig(spec)) as { nodes: unknown }
  expect(config.nodes).toMatchObject([
    { role: 'control-plane', labels: { 'hoplab.dev/position': 'control-plane' } },
    { role: 'worker', labels: { 'hoplab.dev/position': 'worker-1' } },
    { role: 'worker', labels: { 'hoplab.dev/position': 'worker-2' } },
  ])
})
