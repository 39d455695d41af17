import { describe, expect, test } from 'vitest'
import { normalize } from './node-state.ts'
import { stateDifferences } from './reset.ts'

describe('state of a node', () => {
  test('veth pairs of Pods come and go without a difference, a link of somebody is one', () => {
    const link = (ifname: string): object => ({ ifname, mtu: 1450, operstate: 'UP', address: 'aa:bb:cc:00:00:01', link_type: 'ether', stats: { rx: Math.random() } })
    expect(normalize('links', JSON.stringify([link('cni0'), link('veth1')]))).toBe(normalize('links', JSON.stringify([link('veth9'), link('cni0')])))
    expect(normalize('links', JSON.stringify([link('cni0'), link('dummy0')]))).not.toBe(normalize('links', JSON.stringify([link('cni0')])))
  })
  test('Calico\'s ends of Pods\' cables come and go too, with their routes and settings; its tunnel does not', () => {
    const link = (ifname: string): object => ({ ifname, mtu: 1450, address: 'aa:bb:cc:00:00:01' })
    expect(normalize('links', JSON.stringify([link('vxlan.calico'), link('cali0a1b2c3d4e5')]))).toBe(normalize('links', JSON.stringify([link('vxlan.calico')])))
    expect(normalize('links', JSON.stringify([link('cali0a1b2c3d4e5')]))).toBe('')
    expect(normalize('routes', JSON.stringify([{ dst: '10.244.1.5', dev: 'cali0a1b2c3d4e5' }, { type: 'blackhole', dst: '10.244.1.0/26' }]))).toBe('{"type":"blackhole","dst":"10.244.1.0/26"}')
    expect(normalize('sysctls', 'ipv4/conf/cali0a1b2c3d4e5/proxy_arp=1\nipv4/conf/vxlan.calico/rp_filter=1')).toBe('ipv4/conf/vxlan.calico/rp_filter=1')
  })
  test('cables and rules for Pods of the AWS VPC CNI come and go, a rule of somebody is a difference', () => {
    const rules = (...more: object[]): string => normalize('rules', JSON.stringify([{ priority: 0, src: 'all', table: 'local' }, { priority: 1024, src: 'all', fwmark: '0x80', fwmask: '0x80', table: 'main' }, ...more]))
    expect(rules({ priority: 512, src: 'all', dst: '172.28.4.99', table: 'main' }, { priority: 1536, src: '172.28.4.99', table: '2' })).toBe(rules())
    expect(rules({ priority: 100, src: '172.28.4.99', action: 'blackhole' })).not.toBe(rules())
    expect(normalize('links', JSON.stringify([{ ifname: 'eni52f483d2eb8', mtu: 1500 }]))).toBe('')
  })
  test('the VXLAN device counts with its number and port', () => {
    const vxlan = (port: number): string => JSON.stringify([{ ifname: 'flannel.1', linkinfo: { info_kind: 'vxlan', info_data: { id: 1, port, ageing: 300 } } }])
    expect(normalize('links', vxlan(8472))).not.toBe(normalize('links', vxlan(4789)))
  })
  test('learned neighbours do not count, entries with a remote end do', () => {
    const text = JSON.stringify([{ mac: '33:33:00:00:00:01', ifname: 'eth0', state: 'permanent' }, { mac: 'aa:00:00:00:00:01', ifname: 'flannel.1', dst: '172.28.0.3', state: 'permanent' }])
    expect(normalize('fdb', text)).toBe('{"mac":"aa:00:00:00:00:01","ifname":"flannel.1","dst":"172.28.0.3","state":"permanent"}')
  })
  test('rules of Services and counters do not count, a rule of somebody does', () => {
    const before = '# made at ten\n*filter\n:INPUT ACCEPT [10:900]\n:KUBE-SVC-AB - [0:0]\n-A KUBE-SVC-AB -j KUBE-SEP-CD\n-A FORWARD -j KUBE-FORWARD\nCOMMIT\n'
    expect(normalize('iptables', before)).toBe('*filter\n:INPUT ACCEPT\nCOMMIT')
    const felix = ':cali-fw-cali0a1b2c3d4e5 - [0:0]\n-A FORWARD -m comment --comment "cali:x" -j cali-FORWARD\n-A cali-FORWARD -i cali+ -g cali-from-wl-dispatch\n'
    expect(normalize('iptables', before.replace('COMMIT', `${felix}COMMIT`))).toBe('*filter\n:INPUT ACCEPT\nCOMMIT')
    const npc = ':WEAVE-NPC-INGRESS - [0:0]\n-A FORWARD -o weave -j WEAVE-NPC\n-A WEAVE-NPC-DEFAULT -m set --match-set weave-x dst -j ACCEPT\n'
    const masquerade = '-A WEAVE ! -s 10.244.0.0/16 -d 10.244.0.0/16 -j MASQUERADE\n'
    expect(normalize('iptables', before.replace('COMMIT', `${npc}${masquerade}COMMIT`))).toBe(`*filter\n:INPUT ACCEPT\n${masquerade}COMMIT`)
    expect(normalize('iptables', before.replace('COMMIT', '-A FORWARD -d 10.244.1.2/32 -j DROP\nCOMMIT'))).toContain('-j DROP')
  })
  test('tables that iptables or kube-proxy writes are not listed twice', () => {
    const rules = 'table ip filter {\n\tchain A {\n\t}\n}\ntable ip kube-proxy {\n}\ntable ip hoplab {\n\tchain out {\n\t\tip daddr 1.2.3.4 counter packets 3 bytes 9 drop\n\t}\n}\n'
    expect(normalize('nftables', rules)).toBe('table ip hoplab {\n\tchain out {\n\t\tip daddr 1.2.3.4 drop\n\t}\n}')
  })
})

test('a difference names node, aspect and the lines of each side', () => {
  const before = { n1: { routes: 'a\nb', links: 'x' } }
  expect(stateDifferences(before, before)).toEqual([])
  expect(stateDifferences(before, { n1: { routes: 'a\nc', links: 'x' } })).toEqual([{ where: 'n1', what: 'routes', baseline: 'b', now: 'c' }])
  expect(stateDifferences(before, {})).toHaveLength(2)
})
