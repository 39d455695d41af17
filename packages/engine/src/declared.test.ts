import { type CheckResult, declaredVerdict, type FaultNetwork, type LabResult } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import { faultDeviation, untouchedDeviation } from './declared.ts'
import { tinyLab } from './testing/index.ts'

const [base] = tinyLab.faults
if (!base) throw new Error('the tiny lab has no fault')
const fault = { ...base, expect: { a: 'fail' as const }, otherwise: 'pass' as const, in: { nftables: { expect: { a: 'pass' as const }, otherwise: 'skipped' as const, firstBrokenHop: { b: 'rule' } } } }
const check = (id: string, verdict: CheckResult['verdict'], firstBrokenHop?: string): CheckResult => ({
  id, step: 's', title: id, verdict, points: 0, maxPoints: 0, truth: 'real', why: 'seen', evidence: [], attempts: 1, flapped: false, durationMs: 1, ...(firstBrokenHop === undefined ? {} : { firstBrokenHop }),
})
const result = (...checks: CheckResult[]): LabResult => ({
  schemaVersion: 1, lab: 'tiny', section: 0, provider: 'kind', cni: 'flannel', seed: '1', verdict: 'fail', points: 0, pointsPossible: 0, maxPoints: 0, durationMs: 1, checks,
  cluster: { name: 'n', kubernetes: 'v1', kubeProxyMode: 'iptables', images: {}, nodes: [{ name: 'n-worker', role: 'worker', address: '1' }, { name: 'n-worker2', role: 'worker', address: '2' }] },
})

const iptables: FaultNetwork = { cni: 'flannel', proxyMode: 'iptables' }
const nftables: FaultNetwork = { cni: 'flannel', proxyMode: 'nftables' }

describe('what a fault declares', () => {
  test.each([['a', 'iptables', 'fail'], ['b', 'iptables', 'pass'], ['a', 'nftables', 'pass'], ['b', 'nftables', 'skipped']] as const)('of %s in %s mode is %s', (id, mode, verdict) => {
    expect(declaredVerdict(fault, id, { cni: 'flannel', proxyMode: mode })).toBe(verdict)
  })
  test('of one CNI comes before what it declares of the proxy mode, and every check that is named before all that are not', () => {
    const onCalico = (id: string, proxyMode: FaultNetwork['proxyMode'], on: typeof base.on): string | undefined => declaredVerdict({ ...fault, on }, id, { cni: 'calico', proxyMode })
    expect(onCalico('a', 'nftables', { calico: { expect: { a: 'inconclusive' } } })).toBe('inconclusive')
    expect(onCalico('a', 'nftables', { calico: { expect: {}, otherwise: 'inconclusive' } })).toBe('pass')
    expect(onCalico('b', 'nftables', { calico: { expect: {}, otherwise: 'inconclusive' } })).toBe('inconclusive')
    expect(onCalico('b', 'iptables', { weave: { expect: { b: 'fail' } } })).toBe('pass')
  })
  test('is not asked of a check that the network does not offer', () => {
    expect(faultDeviation(fault, iptables)(result(check('a', 'not-offered')))).toBeUndefined()
    expect(faultDeviation(fault, iptables)(result(check('a', 'skipped')))).toContain('a is skipped (seen), declared fail')
  })
  test('of a check nobody speaks of is nothing, which no verdict is', () => {
    const { otherwise: _none, ...silent } = fault
    expect(faultDeviation({ ...silent, in: {} }, iptables)(result(check('b', 'pass')))).toBe('b is pass (seen), declared nothing')
  })
})

describe('an untouched lab', () => {
  const scored = (verdict: CheckResult['verdict']): CheckResult => ({ ...check('s', verdict), maxPoints: 2 })
  test('is red with every scored check seen', () => {
    expect(untouchedDeviation(result(check('a', 'pass'), scored('fail')))).toBeUndefined()
    expect(untouchedDeviation(result(check('a', 'fail'), check('b', 'inconclusive'), scored('skipped')))).toBeUndefined()
  })
  test('is not shown to be red where a scored check could not be looked at', () => {
    expect(untouchedDeviation(result(check('a', 'fail'), scored('inconclusive')))).toBe('scored checks could not be looked at: s inconclusive (seen)')
  })
})

describe('the first broken hop', () => {
  const one = { ...fault, in: {}, firstBrokenHop: 'Service rule on worker-1' }
  test('is compared word for word, on every red check that names one', () => {
    expect(faultDeviation(one, iptables)(result(check('a', 'fail', 'Service rule on worker-1')))).toBeUndefined()
    expect(faultDeviation(one, iptables)(result(check('a', 'fail', 'Service rule on worker-2')))).toContain('"Service rule on worker-2" as the first broken hop')
    expect(faultDeviation(one, iptables)(result(check('a', 'fail')))).toContain('no red check names')
  })
  test('is declared by position, whatever the nodes are called', () => {
    expect(faultDeviation({ ...one, firstBrokenHop: 'route on worker-2' }, iptables)(result(check('a', 'fail', 'route on n-worker2')))).toBeUndefined()
  })
  test('is one of several where several are declared, and a Service is meant with any of its ports', () => {
    const several = { ...one, firstBrokenHop: ['Service lab/web', 'VXLAN worker-1 → worker-2'] }
    expect(faultDeviation(several, iptables)(result(check('a', 'fail', 'Service lab/web:80')))).toBeUndefined()
    expect(faultDeviation(several, iptables)(result(check('a', 'fail', 'VXLAN worker-1 → worker-2')))).toBeUndefined()
    expect(faultDeviation(several, iptables)(result(check('a', 'fail', 'Service lab/web-headless')))).toContain('declared "Service lab/web" or "VXLAN worker-1 → worker-2"')
    expect(faultDeviation(several, iptables)(result(check('a', 'fail')))).toContain('no red check names')
  })
  test('by check must be named by that check; the proxy mode has its own, and so has the CNI', () => {
    const on = { flannel: { expect: {}, firstBrokenHop: 'FDB' } }
    expect(faultDeviation({ ...fault, on }, iptables)(result(check('a', 'fail', 'FDB')))).toBeUndefined()
    expect(faultDeviation({ ...fault, on }, iptables)(result(check('a', 'fail', 'rule')))).toContain('declared "FDB"')
    expect(faultDeviation({ ...fault, in: {}, firstBrokenHop: { a: 'x' } }, iptables)(result(check('a', 'fail')))).toContain('a names no first broken hop')
    expect(faultDeviation(fault, nftables)(result(check('a', 'pass'), check('b', 'skipped', 'rule')))).toBeUndefined()
  })
  test('is not compared where nothing is declared', () => {
    expect(faultDeviation({ ...fault, in: {} }, iptables)(result(check('a', 'fail', 'anywhere')))).toBeUndefined()
  })
})
