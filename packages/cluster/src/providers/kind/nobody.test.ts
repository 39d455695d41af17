import { Deadline } from '@hoplab/core'
import { FakeKube } from '@hoplab/kube/testing'
import { expect, test } from 'vitest'
import { nobodyAt } from './nobody.ts'

const kube = new FakeKube([
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'top', namespace: 'default' }, spec: { clusterIPs: ['10.96.255.254'] } },
  { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'top', namespace: 'default' }, status: { podIPs: [{ ip: '10.244.3.254' }] } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: { podCIDR: '10.244.3.0/24' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' }, spec: {} },
])
const context = { kube, podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', ipam: 'per-node', host: '172.28.0.1' } as const

test('nobody has the addresses that are handed out as nobody\'s', async () => {
  using deadline = Deadline.start('nobody', 280_000)
  expect(await nobodyAt('cluster-ip', context, deadline)).toBe('10.96.255.253')
  expect(await nobodyAt('pod-ip', context, deadline)).toBe('10.244.3.253')
  expect(await nobodyAt('gateway', context, deadline)).toBe('172.28.0.1')
  expect(await nobodyAt('link-local', context, deadline)).toBe('169.254.169.254')
  expect(await nobodyAt('public', context, deadline)).toMatch(/^203\.0\.113\./u)
})

test('where the plugin hands out addresses by itself, the unused Pod address is beside those of the last node that has Pods', async () => {
  using deadline = Deadline.start('nobody', 280_000)
  const pod = (name: string, nodeName: string, ip: string, hostNetwork = false) =>
    ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName, hostNetwork }, status: { podIPs: [{ ip }] } })
  const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { podCIDR: '10.244.9.0/24' } })
  const own = new FakeKube([node('n1'), node('n2'), node('n3'), pod('a', 'n1', '10.244.7.3'), pod('b', 'n2', '10.244.40.130'), pod('c', 'n2', '10.244.40.190'), pod('h', 'n3', '172.28.0.4', true)])
  expect(await nobodyAt('pod-ip', { ...context, kube: own, ipam: 'cluster-wide' }, deadline)).toBe('10.244.40.189')
})
