import { Deadline, type HopError } from '@hoplab/core'
import type { CniName, FaultVerb, NetworkFacts } from '@hoplab/model'
import { faultVerb } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { FakeCluster } from '../testing/fake-cluster.ts'
import { act } from './act.ts'
import type { FaultPlan } from './mutation.ts'
import { planOf } from './registry.ts'

/** What the faults that are about nodes know of each CNI, as the installers say it. */
const vxlan = (device: string, port: number, vni: number) => ({ overlay: { kind: 'vxlan' as const, device, port, vni, overhead: 50 } })
const networks: Partial<Record<CniName, Partial<NetworkFacts>>> = { flannel: vxlan('flannel.1', 8472, 1), calico: { ...vxlan('vxlan.calico', 4789, 4096), networkPolicy: true }, routes: {}, weave: {} }

/** Plans a fault on a cluster whose nodes answer each question in `says` with its JSON or text. */
async function planned(cni: CniName, fault: string, told: object, says: Record<string, unknown> = {}): Promise<{ plan: FaultPlan; cluster: FakeCluster }> {
  const cluster = new FakeCluster({ name: 'demo', workers: 1, cni, proxyMode: 'iptables', images: 'local', podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', internet: false }, 'run-1')
  cluster.onNode = (_node, _argv, input) => {
    const answer = Object.entries(says).find(([question]) => input.includes(question))?.[1] ?? ''
    return { exitCode: 0, stdout: typeof answer === 'string' ? answer : JSON.stringify(answer), stderr: '' }
  }
  cluster.kube.types = [...cluster.kube.types, { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool', plural: 'ippools', namespaced: false, verbs: ['list', 'patch'] }]
  cluster.kube.put({ apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool', metadata: { name: 'default' }, spec: { cidr: '10.244.0.0/16', natOutgoing: true } })
  const network = { cni, networkPolicy: false, plugin: 'x', ipam: 'per-node' as const, agent: { namespace: 'a', name: 'b' }, proxyMode: 'iptables' as const, podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16', ...networks[cni] }
  const scene = { cluster, network, namespace: 'demo', where: 'test', deadline: Deadline.start('plan', 280_000) }
  return { cluster, plan: await planOf(faultVerb.parse({ fault, with: told }) as FaultVerb, scene) }
}
const scripts = (actions: FaultPlan['do']): string[] => actions.flatMap((action) => (action.act === 'node' ? [action.script] : []))
const refusalOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'planned', (error: unknown) => `${(error as HopError).code} ${(error as HopError).facts?.why}`)

describe('route-removed', () => {
  const between = { node: 'worker-1', peer: 'control-plane' }
  const others = [{ dst: 'default', gateway: '172.20.0.254', dev: 'eth0' }, { dst: '172.20.0.0/16', dev: 'eth0', protocol: 'kernel' }]
  test('Flannel: the route by way of the peer\'s end of the tunnel', async () => {
    const { plan } = await planned('flannel', 'route-removed', between, {
      'address show dev flannel.1': [{ addr_info: [{ local: '10.244.0.0' }] }],
      'route show': [...others, { dst: '10.244.0.0/24', gateway: '10.244.0.0', dev: 'flannel.1', flags: ['onlink'] }, { dst: '10.244.2.0/24', gateway: '10.244.2.0', dev: 'flannel.1', flags: ['onlink'] }],
    })
    expect(scripts(plan.do)).toEqual(['if [ -n "$(ip route show 10.244.0.0/24 dev flannel.1)" ]; then ip route del 10.244.0.0/24 dev flannel.1; fi'])
    expect(scripts(plan.undo)).toEqual(['ip route replace 10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink'])
  })
  test('Calico: a route for each block of the peer', async () => {
    const { plan } = await planned('calico', 'route-removed', between, {
      'address show dev vxlan.calico': [{ addr_info: [{ local: '10.244.77.64' }] }],
      'route show': [...others, ...['10.244.77.64/26', '10.244.9.0/26'].map((dst) => ({ dst, gateway: '10.244.77.64', dev: 'vxlan.calico', protocol: '80', flags: ['onlink'] })), { type: 'blackhole', dst: '10.244.5.0/26', dev: 'lo' }],
    })
    expect(scripts(plan.undo)).toEqual(['ip route replace 10.244.77.64/26 via 10.244.77.64 dev vxlan.calico proto 80 onlink\nip route replace 10.244.9.0/26 via 10.244.77.64 dev vxlan.calico proto 80 onlink'])
  })
  test('plain routes: the one by way of the peer itself', async () => {
    const { plan } = await planned('routes', 'route-removed', between, { 'route show': [...others, { dst: '10.244.0.0/24', gateway: '172.20.0.2', dev: 'eth0', protocol: '114' }] })
    expect(scripts(plan.do)).toEqual(['if [ -n "$(ip route show 10.244.0.0/24 dev eth0)" ]; then ip route del 10.244.0.0/24 dev eth0; fi'])
    expect(scripts(plan.undo)).toEqual(['ip route replace 10.244.0.0/24 via 172.20.0.2 dev eth0 proto 114'])
  })
  test('a node without such a route is told, and the default route is never taken for one', async () => {
    expect(await refusalOf(planned('routes', 'route-removed', between, { 'route show': [{ dst: 'default', gateway: '172.20.0.2', dev: 'eth0' }] }))).toMatch(/^HOP_VERB_FAILED/u)
  })
})

describe('masquerade-off', () => {
  const listed = (chain: string): Record<string, string> => ({ '-S POSTROUTING': `-P POSTROUTING ACCEPT\n-A POSTROUTING -j KUBE-POSTROUTING\n-A POSTROUTING -s 10.244.0.0/24 -j ${chain}\n` })
  test('plain routes: the jump of the node that is meant goes and comes back in its place, and no program is stopped', async () => {
    const { plan } = await planned('routes', 'masquerade-off', { node: 'worker-1' }, listed('ROUTES-MASQ'))
    expect(scripts(plan.do)).toEqual([expect.stringMatching(/^if iptables .*-j ROUTES-MASQ'; then .*-D POSTROUTING -s 10\.244\.0\.0\/24 -j ROUTES-MASQ.*fi$/u)])
    expect(scripts(plan.undo)).toEqual([expect.stringContaining('-I POSTROUTING 2 -s 10.244.0.0/24 -j ROUTES-MASQ'), expect.stringMatching(/^conntrack -D -p tcp --state SYN_SENT /u)])
  })
  test('Flannel: flanneld is stopped meanwhile', async () => {
    const { plan } = await planned('flannel', 'masquerade-off', { node: 'worker-1' }, listed('FLANNEL-POSTRTG'))
    expect(scripts(plan.do)[0]).toMatch(/^kill -STOP \$\(pgrep -x flanneld\)\n/u)
    expect(scripts(plan.undo)[0]).toMatch(/\nkill -CONT \$\(pgrep -x flanneld\)$/u)
  })
  test('Calico: the pools of all nodes, and each node is waited for', async () => {
    const { plan, cluster } = await planned('calico', 'masquerade-off', {})
    const pool = { apiVersion: 'crd.projectcalico.org/v1', kind: 'IPPool', name: 'default' }
    const deadline = Deadline.start('act', 280_000)
    await act(plan.do, { cluster, where: 'test', undoing: false, deadline })
    expect((await cluster.kube.get(pool, deadline))?.spec).toMatchObject({ natOutgoing: false })
    expect(cluster.commands.filter((command) => command.includes('while iptables -w -t nat -S cali-nat-outgoing'))).toHaveLength(2)
    await act(plan.undo, { cluster, where: 'test', undoing: true, deadline })
    expect((await cluster.kube.get(pool, deadline))?.spec).toMatchObject({ natOutgoing: true })
    expect(cluster.commands.filter((command) => command.includes('until iptables -w -t nat -S cali-nat-outgoing'))).toHaveLength(2)
    expect(cluster.commands.slice(-2).every((command) => command.includes('conntrack -D -p tcp --state SYN_SENT'))).toBe(true)
  })
  test('what a network cannot do is said', async () => {
    expect(await refusalOf(planned('calico', 'masquerade-off', { node: 'worker-1' }))).toBe('HOP_FAULT_NOT_OFFERED It needs masquerading of one node alone (Calico has it per pool of addresses).')
    expect(await refusalOf(planned('weave', 'masquerade-off', {}))).toBe('HOP_FAULT_NOT_OFFERED It needs masquerading whose place is known (CNI weave).')
  })
})

test.each(['vxlan-port-dropped', 'fdb-entry-removed', 'mtu-too-high', 'rp-filter-strict'])('%s is not offered where nothing is wrapped, with the reason', async (fault) => {
  expect(await refusalOf(planned('routes', fault, { node: 'worker-1', ...(fault === 'fdb-entry-removed' ? { peer: 'control-plane' } : {}) })))
    .toBe('HOP_FAULT_NOT_OFFERED It needs an overlay with a device and a UDP port (CNI routes).')
})

test.each([['flannel', 'filter', 'INPUT', 8472], ['calico', 'raw', 'PREROUTING', 4789]] as const)('vxlan-port-dropped takes the port of the network, and on %s the chain %s %s, where no agent lets it through before', async (cni, table, chain, port) => {
  const { plan } = await planned(cni, 'vxlan-port-dropped', { node: 'worker-1' })
  expect(scripts(plan.do)[0]).toMatch(new RegExp(`-t ${table} -I ${chain} .*'--dport' '${port}'`, 'u'))
})
