import { Deadline, silent } from '@hoplab/core'
import { expect, test } from 'vitest'
import type { ContainerFacts } from '../../../engine/containers.ts'
import type { AddonInstaller, ClusterSpec, NetworkInstaller } from '../../../port.ts'
import { ensure } from '../ensure.ts'
import { planOf } from '../network.ts'
import { doorTo } from './door.ts'
import { outsideOf } from './facts.ts'
import { internetPlanOf, internetRanges } from './plan.ts'

const spec: ClusterSpec = { name: 't', workers: 1, cni: 'flannel', proxyMode: 'iptables', images: 'local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false, addons: ['internet', 'load-balancer'] }
const networks = [['hoplab-t', '172.28.4.0/24'], ['hoplab-t-internet', '198.51.100.32/27']].map(([name = '', subnet = '']) => ({ id: name, name, labels: {}, subnet, gateway: '' }))
const container = (name: string, running = true): ContainerFacts => ({ id: name, name, running, startedAt: '', labels: {}, home: undefined, network: '', ports: {}, addresses: { 'hoplab-t': '172.28.4.9' } })
const machines = ['hoplab-t-gateway', 'hoplab-t-internet-machine', 'hoplab-t-load-balancer-machine']

test('every address of a plan is another one, inside of its range, and ranges are parts of the one that is nobody\'s', () => {
  for (const range of internetRanges) {
    const { host, server, loadBalancer, gatewayContainer, gateway, pool } = internetPlanOf(range)
    const all = [host, server, loadBalancer, gatewayContainer, ...pool, gateway]
    expect(new Set(all).size).toBe(all.length)
    const last = all.map((address) => Number(address.split('.')[3])), first = Number(range.split(/[./]/u)[3])
    expect([Math.min(...last) > first, Math.max(...last) < first + 31, range.startsWith('198.51.100.')]).toEqual([true, true, true])
  }
})

test('the gateway lets out nodes only, lets in the host to NodePorts only, and hides what goes out', () => {
  const door = doorTo(internetPlanOf('198.51.100.32/27'), 'hoplab-t-internet', planOf('172.28.4.0/24'))
  expect(door.passes.trim().split('\n').map((line) => line.trim())).toEqual([
    'iif $lan ip saddr 172.28.4.0/24 ip daddr 198.51.100.32/27 ip daddr != 198.51.100.33 accept',
    'iif $net ip saddr 198.51.100.34 ip daddr 172.28.4.0/24 ip daddr != { 172.28.4.1, 172.28.4.254 } tcp dport 30000-32767 accept',
  ])
  expect(door.chain).toContain('ip saddr 172.28.4.0/24 oif $net snat to 198.51.100.62')
})

test('what is there is found again by its names; what is stopped or gone is named', () => {
  expect(outsideOf({ spec, withPods: false }, networks, machines.map((name) => container(name)))).toEqual({ missing: [], outside: {
    nodes: '172.28.4.0/24', internet: '198.51.100.32/27', host: '198.51.100.34', gateway: { inner: '172.28.4.254', outer: '198.51.100.62' },
    loadBalancer: { inner: '172.28.4.9', pool: ['198.51.100.40', '198.51.100.55'] } } })
  expect(outsideOf({ spec, withPods: false }, networks, machines.map((name) => container(name, !name.includes('balancer')))).missing).toEqual(['hoplab-t-load-balancer-machine'])
  expect(outsideOf({ spec: { ...spec, addons: ['internet', 'load-balancer', 'ingress'] }, withPods: false }, networks, machines.map((name) => container(name))).missing).toEqual([])
  expect(outsideOf({ spec, withPods: false }, networks.slice(0, 1), machines.map((name) => container(name))).missing).toEqual(['hoplab-t-internet'])
  expect(outsideOf({ spec: { ...spec, addons: [] }, withPods: false }, networks, [])).toEqual({ missing: [], outside: undefined })
})

test('a cluster with an internet of its own is not opened to the real one', async () => {
  using deadline = Deadline.start('refuse', 280_000)
  const options = { deadline, progress: silent, network: {} as NetworkInstaller, addons: [] as AddonInstaller[] }
  await expect(ensure({ ...spec, internet: true }, options)).rejects.toMatchObject({ code: 'HOP_ADDONS_NEED_CLOSED', exitCode: 2 })
})
