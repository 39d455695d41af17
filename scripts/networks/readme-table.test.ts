import type { MatrixColumn, MatrixResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { joined } from './joined.ts'
import { comparison, readmeWith } from './readme-table.ts'

const column = (changes: Partial<MatrixColumn> = {}): MatrixColumn => ({
  cni: 'routes', proxyMode: 'iptables', verdict: 'pass', kubernetes: 'v1.34.2', takenAt: '2026-01-02T03:04:05.000Z', durationMs: 1, checks: [],
  answers: [{ id: 'dns', title: 'DNS', verdict: 'pass', why: 'seen', checks: ['dns-1'] }, { id: 'policy-deny', title: 'a policy stops it', verdict: 'not-offered', why: 'none', checks: ['policy-deny-1'] }],
  findings: {
    ways: [], nodePort: { from: 'control-plane', by: 'worker-1', sources: [] }, policyChains: [], mtu: { pod: 1500, uplink: 1500 }, routes: { node: 'worker-1', lines: ['10.244.2.0/24 via 172.20.0.4 dev eth0'] },
    addresses: [], agent: { name: 'kube-routes/routes', images: [], enforcesPolicy: false }, kernel: '6.1', runtime: 'containerd://2.1',
  }, ...changes,
})
const result = (columns: MatrixColumn[], changes: Partial<MatrixResult> = {}): MatrixResult => ({ schemaVersion: 1, takenAt: '2026-01-02T03:04:05.000Z', images: 'local', workers: 2, verdict: 'pass', columns, durationMs: 10, ...changes })
const other = column({ proxyMode: 'nftables' })
const readme = 'before\n<!-- networks: written by "pnpm gen" from proof/matrix.json -->\nold\n<!-- end of networks -->\nafter\n'

describe('the comparison in the README', () => {
  test('stands between its marks and leaves the rest alone; written again it stays as it is', () => {
    const once = readmeWith(readme, result([column()]))
    expect(once.startsWith('before\n')).toBe(true)
    expect(once.endsWith('<!-- end of networks -->\nafter\n')).toBe(true)
    expect(once).not.toContain('old')
    expect(readmeWith(once, result([column()]))).toBe(once)
  })
  test('is no README without its marks', () => {
    expect(() => readmeWith('nothing', result([column()]))).toThrow('README.md must have the lines')
  })
  test('has one column for each network, and tells proxy modes apart only where they differ', () => {
    const lines = comparison(result([column(), other])).split('\n')
    expect(lines[0]).toBe('| how | routes |')
    expect(lines).toContain('| routes of a worker | a /24 via another node, dev eth0 |')
    const differs = comparison(result([column(), { ...other, findings: { ...column().findings!, mtu: { pod: 1400, uplink: 1500 } } }]))
    expect(comparison(result([column(), column({ cni: 'flannel', cniOptions: { flannel: { backend: 'host-gw' } } })])).split('\n')[0]).toBe('| how | routes | flannel backend=host-gw |')
    expect(differs).toContain('| largest packet | iptables: 1500 bytes of 1500; nftables: 1400 bytes of 1500 |')
  })
  test('says when, of how many clusters, and what was not as asked', () => {
    expect(comparison(result([column(), other]))).toContain('Seen on 2026-01-02 on 2 clusters, one for each network and kube-proxy mode (iptables, nftables). Each was asked 2 questions: DNS; a policy stops it. Every answer was as asked. Policies cannot be shown on routes, which enforce none.')
    const three = comparison(result([column(), column({ cni: 'flannel' }), column({ cni: 'aws-vpc' })]))
    expect(three).toContain('Policies cannot be shown on routes, flannel and aws-vpc, which enforce none.')
    const red = column({ answers: [{ id: 'dns', title: 'DNS', verdict: 'fail', why: 'no', checks: ['dns-1'] }] })
    expect(comparison(result([red]))).toContain('Not as asked: routes, iptables: DNS: fail.')
  })
})

describe('several results as one', () => {
  test('have the columns of all, the earliest time, the worst verdict and no evidence', () => {
    const later = result([column({ cni: 'calico', verdict: 'fail', checks: [{ id: 'dns-1' } as never] })], { takenAt: '2026-02-02T00:00:00.000Z', verdict: 'fail' })
    expect(joined([later, result([column()])])).toMatchObject({ takenAt: '2026-01-02T03:04:05.000Z', verdict: 'fail', durationMs: 20, columns: [{ cni: 'calico', checks: [] }, { cni: 'routes', checks: [] }] })
  })
  test('of one network twice, of other images or of none are refused', () => {
    expect(() => joined([result([column()]), result([column()])])).toThrow('routes, iptables is there twice.')
    expect(() => joined([result([column()]), result([other], { images: 'upstream' })])).toThrow('different images')
    expect(() => joined([])).toThrow('Name the files')
  })
})
