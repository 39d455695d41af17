import { expect, test } from 'vitest'
import { describeNetwork, describeUpstreamOnly } from './describe.ts'
import { calicoInstaller } from './installers/calico/index.ts'
import { flannelInstaller } from './installers/flannel/index.ts'

test('a network in one line', () => {
  expect(describeNetwork(flannelInstaller().capabilities)).toBe('VXLAN 1 by flannel.1 on UDP 8472; bridge cni0; addresses from each node\'s own range; no NetworkPolicy')
  expect(describeNetwork({ networkPolicy: true, plugin: 'x', ipam: 'cluster-wide', agent: { namespace: 'a', name: 'b' } }))
    .toBe('plain routes between nodes; a route for each Pod, no bridge; addresses from a pool of the plugin\'s own; NetworkPolicy enforced')
  expect(describeNetwork({ networkPolicy: false, plugin: 'x', ipam: 'node-network', agent: { namespace: 'a', name: 'b' } }))
    .toBe('plain frames between neighbours; a route for each Pod, no bridge; addresses from the nodes\' own network; no NetworkPolicy')
  expect(describeNetwork({ networkPolicy: false, plugin: 'x', ipam: 'cluster-wide', bridge: 'weave', overlay: { kind: 'udp', port: 6783, overhead: 60 }, agent: { namespace: 'a', name: 'b' } }))
    .toMatch(/^frames on UDP 6783; bridge weave/u)
})

test('a tunnel that carries nothing says why', () => {
  expect(describeNetwork(calicoInstaller({ vxlanMode: 'CrossSubnet' }).capabilities))
    .toBe('plain routes between nodes; VXLAN 4096 by vxlan.calico on UDP 4789 is there for nodes of other subnets only: those of this cluster share one, so it carries nothing; a route for each Pod, no bridge; addresses from a pool of the plugin\'s own; NetworkPolicy enforced')
  expect(describeNetwork(flannelInstaller({ backend: 'host-gw' }).capabilities)).toBe('plain routes between nodes; bridge cni0; addresses from each node\'s own range; no NetworkPolicy')
})

test('what is upstream\'s alone is told as that', () => {
  expect(describeUpstreamOnly(flannelInstaller())).toBe('upstream only, not offered here: the backends wireguard, ipip, ipsec and udp')
  expect(describeUpstreamOnly({})).toBeUndefined()
})
