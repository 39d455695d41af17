import type { MatrixColumn, MatrixFindings, MatrixResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { matrixMarkdown, matrixText } from './index.ts'

const plain = { colour: false, unicode: false, live: false }
const device = (where: string, kind: 'veth' | 'bridge' | 'tunnel' | 'uplink', name: string): MatrixFindings['ways'][number]['devices'][number] => ({ where, kind, name, seen: 'captured' })

const findings = (changes: Partial<MatrixFindings> = {}): MatrixFindings => ({
  ways: [
    { id: 'same-node', title: 'same', devices: [device('worker-1', 'veth', 'veth1a2b'), device('worker-1', 'bridge', 'cni0'), device('worker-1', 'veth', 'veth3c4d')] },
    {
      id: 'other-node', title: 'other', devices: [device('worker-1', 'veth', 'veth1a2b'), device('worker-1', 'tunnel', 'flannel.1'), device('worker-1', 'uplink', 'eth0'), device('worker-2', 'uplink', 'eth0'), device('worker-2', 'tunnel', 'flannel.1'), device('worker-2', 'veth', 'veth5e6f')],
      wire: { inner: { from: '10.244.1.2:40000', to: '10.244.2.2:8080' }, outer: { from: '172.20.0.3:51000', to: '172.20.0.4:8472', vni: 1 } }, source: { address: '10.244.1.2', whose: "the client Pod's own" },
    },
    { id: 'from-node', title: 'node', devices: [], source: { address: '10.244.1.0', whose: "the client's node, flannel.1" } },
    { id: 'cluster-ip', title: 'service', devices: [], source: { address: '10.244.1.2', whose: "the client Pod's own" } },
  ],
  nodePort: { from: 'control-plane', by: 'worker-1', sources: [{ server: 'on that node', whose: 'that node, cni0' }, { server: 'on another node', whose: 'that node, flannel.1' }] }, policyChains: [], bridge: 'cni0',
  mtu: { pod: 1450, uplink: 1500, tunnel: 1450 },
  routes: { node: 'worker-1', lines: ['10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink', '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1', '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'] },
  addresses: [{ node: 'n1', range: '10.244.0.0/24', pods: [], inRange: true }, { node: 'n2', range: '10.244.1.0/24', pods: ['10.244.1.2'], inRange: true }],
  agent: { name: 'kube-flannel/kube-flannel-ds', images: ['ghcr.io/flannel-io/flannel:v0.26.7'], enforcesPolicy: false }, kernel: '6.1', runtime: 'containerd://2.1', ...changes,
})
const column = (changes: Partial<MatrixColumn> = {}): MatrixColumn => ({
  cni: 'flannel', proxyMode: 'iptables', verdict: 'pass', takenAt: '2026-01-02T03:04:05.000Z', kubernetes: 'v1.34.2', checks: [], durationMs: 60_000, findings: findings(), ...changes,
  answers: changes.answers ?? [{ id: 'dns', title: 'DNS', verdict: 'pass', why: 'seen', checks: ['dns-1'] }, { id: 'policy-deny', title: 'a policy stops it', verdict: 'not-offered', why: 'This network has no network-policy.', checks: ['policy-deny-1'] }],
})
const result = (columns: MatrixColumn[]): MatrixResult => ({ schemaVersion: 1, takenAt: '2026-01-02T03:04:05.000Z', images: 'local', workers: 2, verdict: 'pass', columns, durationMs: 61_000 })

const calico = column({
  answers: [{ id: 'dns', title: 'DNS', verdict: 'pass', why: 'seen', checks: ['dns-1'] }, { id: 'policy-deny', title: 'a policy stops it', verdict: 'pass', why: 'seen', checks: ['policy-deny-1'] }],
  cni: 'calico', proxyMode: 'nftables',
  findings: findings({
    routes: { node: 'worker-1', lines: ['blackhole 10.244.9.0/26 proto 80', '10.244.9.1 dev cali123 scope link', '10.244.9.2 dev cali456 scope link', '10.244.7.0/26 via 10.244.7.0 dev vxlan.calico onlink'] },
    addresses: [{ node: 'n2', range: '10.244.1.0/24', pods: ['10.244.9.1'], inRange: false }], agent: { name: 'kube-system/calico-node', images: ['calico/node:v3.28.5'], enforcesPolicy: true }, policyChains: ['cali-pi-_abc', 'cali-pi-_def'],
  }),
})
const failed = column({ cni: 'routes', verdict: 'inconclusive', answers: [], error: { code: 'HOP_IMAGES_STALE', what: 'Built from older sources.', why: 'They changed.', fix: 'Build them.', evidence: '/kept' } })
const { findings: _none, ...withoutFindings } = failed

describe('networks side by side, as text', () => {
  test('a table of verdicts, reasons of what is no pass, then how each does it', () => {
    expect(matrixText(result([column(), calico]), plain)).toMatchInlineSnapshot(`
      "question           flannel, iptables  calico, nftables
      DNS                pass               pass
      a policy stops it  not-offered        pass

        a policy stops it: not-offered on flannel, iptables: This network has no network-policy.

      cable of a Pod
        flannel, iptables; calico, nftables: veth…, a port of the bridge cni0
      devices, same node
        flannel, iptables; calico, nftables: veth… → cni0 → veth…
      devices, another node
        flannel, iptables; calico, nftables: veth… → flannel.1 → eth0, on the other node eth0 → flannel.1 → veth…
      on the wire between nodes
        flannel, iptables; calico, nftables: VXLAN 1, UDP 8472 between the nodes; inside from Pod to Pod
      largest packet
        flannel, iptables; calico, nftables: 1450 bytes of 1500, 1450 in the tunnel
      routes of a worker
        flannel, iptables: 2 × a /24 via another node, dev flannel.1 onlink; a /24 dev cni0
        calico, nftables: a /26 ends here (blackhole); 2 × one address dev cali…; a /26 via another node, dev vxlan.calico onlink
      addresses from
        flannel, iptables: the node's own /24 (Node.spec.podCIDR)
        calico, nftables: the plugin's own pool, not the node's /24
      a node asks Pods of another from
        flannel, iptables; calico, nftables: the client's node, flannel.1
      a Pod is seen through the ClusterIP as
        flannel, iptables; calico, nftables: the client Pod's own
      a node is seen through the NodePort of another as
        flannel, iptables; calico, nftables: that node, cni0 (server on that node), that node, flannel.1 (server on another node)
      NetworkPolicy
        flannel, iptables: enforced by nobody
        calico, nftables: enforced by kube-system/calico-node; chains that came with the policy: cali-pi-…
      agent
        flannel, iptables: flannel:v0.26.7
        calico, nftables: node:v3.28.5
      nodes
        flannel, iptables; calico, nftables: Kubernetes v1.34.2, containerd 2.1, Linux 6.1

      PASS: 2 networks in 1 min 1 s, begun 2026-01-02T03:04:05.000Z"
    `)
  })
  test('what is the same of several networks is told once, and cables have no names', () => {
    const nodePort = { from: 'control-plane', by: 'worker-1', sources: [{ server: 'on that node' as const, whose: 'that node, veth9ccf6c4f' }] }
    const text = matrixText(result([column({ findings: findings({ nodePort }) }), column({ proxyMode: 'nftables', findings: findings({ nodePort }) })]), plain)
    expect(text).toContain('\n  a policy stops it: not-offered on flannel, iptables; flannel, nftables: This network has no network-policy.\n')
    expect(text).toContain('\n  flannel, iptables; flannel, nftables: that node, veth… (server on that node)\n')
  })
  test('what is found on the wire is told as it is when it is not what the server saw', () => {
    const ways = findings().ways.map((way) => (way.wire ? { ...way, wire: { ...way.wire, inner: { from: '172.20.0.3:1', to: '10.244.2.2:8080' } } } : way))
    expect(matrixText(result([column({ findings: findings({ ways }) })]), plain)).toContain('inside from 172.20.0.3:1 to 10.244.2.2:8080')
  })
  test('one with an option is called by it, and why no tunnel is seen is told where a device for one is there', () => {
    const ways = findings().ways.map(({ wire, ...way }) => (wire ? { ...way, wire: { inner: wire.inner } } : way))
    const text = matrixText(result([column(), column({ cniOptions: { flannel: { directRouting: true } }, findings: findings({ ways, unusedTunnel: 'flannel.1' }) })]), plain)
    expect(text.split('\n')[0]).toBe('question           flannel, iptables  flannel directRouting=true, iptables')
    expect(text).toContain('\n  flannel directRouting=true, iptables: plain, from Pod to Pod: flannel.1 is for nodes of other networks, and these share one\n')
  })
  test('a network that could not be asked is in the table, with the reason and what to do', () => {
    const text = matrixText(result([column(), withoutFindings]), plain)
    expect(text).toContain('DNS                pass               not asked')
    expect(text).toContain('  routes, iptables: Built from older sources. They changed. [HOP_IMAGES_STALE]\n    fix: Build them.\n    evidence: /kept')
  })
})

test('addresses of the nodes\' own network are told as such, whatever Kubernetes gave the node', () => {
  const text = (network?: string): string => matrixText(result([column({ findings: findings({ addresses: [{ node: 'n2', range: '10.244.1.0/24', pods: ['172.28.4.97'], inRange: false, ...(network === undefined ? {} : { network }) }] }) })]), plain)
  expect(text('172.28.4.3/22')).toContain('addresses from\n  flannel, iptables: the network of the nodes, a /22\n')
  expect(text()).toContain('the plugin\'s own pool')
})

describe('networks side by side, as Markdown', () => {
  test('two tables with the same columns, and reasons between them', () => {
    const lines = matrixMarkdown(result([column(), calico])).split('\n')
    expect(lines.slice(0, 4)).toEqual(['| question | flannel, iptables | calico, nftables |', '| --- | --- | --- |', '| DNS | pass | pass |', '| a policy stops it | not-offered | pass |'])
    expect(lines).toContain('- a policy stops it: not-offered on flannel, iptables: This network has no network-policy.')
    expect(lines).toContain('| how | flannel, iptables | calico, nftables |')
  })
  test('what somebody else wrote ends no cell and begins no tag', () => {
    const foreign = column({ findings: findings({ agent: { name: 'a|b', images: ['x/<img src=y>:1'], enforcesPolicy: true } }), answers: [{ id: 'policy-deny', title: 'a policy stops it', verdict: 'pass', why: 'seen', checks: ['policy-deny-1'] }] })
    const text = matrixMarkdown(result([foreign]))
    expect(text).toContain('enforced by a\\|b')
    expect(text).not.toContain('<img')
    for (const line of text.split('\n').filter((one) => one.startsWith('|'))) expect(line.replaceAll('\\|', '').split('|')).toHaveLength(4)
  })
})
