import type { Row } from './row.ts'

/** A row for tests. */
export function aRow(different: Partial<Row> = {}): Row {
  return {
    lab: 'catalogue', provider: 'kind', cni: 'flannel', proxyMode: 'iptables', case: 'fault:1', repeat: 1,
    key: 'k1', inputs: { lab: 'l1', sources: 's1', images: 'i1' }, at: '2026-01-02T03:04:05.000Z', kubernetes: 'v1.34.2',
    asDeclared: true, verdicts: { pass: ['a'], fail: ['b'] }, durationMs: 1_000, ...different,
  }
}
