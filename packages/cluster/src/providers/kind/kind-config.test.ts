import { expect, test } from 'vitest'
import { kindConfig } from './kind-config.ts'

test('every node carries its position, so that Pods can be placed whatever the cluster is called', () => {
  const config = JSON.parse(kindConfig({
    name: 'a', workers: 2, cni: 'flannel', proxyMode: 'nftables', images: 'local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false,
  })) as { nodes: unknown }
  expect(config.nodes).toMatchObject([
    { role: 'control-plane', labels: { 'hoplab.dev/position': 'control-plane' } },
    { role: 'worker', labels: { 'hoplab.dev/position': 'worker-1' } },
    { role: 'worker', labels: { 'hoplab.dev/position': 'worker-2' } },
  ])
})
