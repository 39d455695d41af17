import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { iptablesRules } from './iptables.ts'
import { parseSave } from './iptables-save.ts'
import { nftablesRules, parseProxyTable } from './nftables.ts'
import { rulesFault } from './service-rules.ts'

// What kube-proxy 1.34 wrote on a node of a real cluster, as iptables 1.8.9 and nft 1.0.6 told it; Services of other namespaces left out.
const listing = (name: string): string => readFileSync(join(import.meta.dirname, 'testing', name), 'utf8')
const tcp = (ip: string, port = 80) => ({ ip, port, protocol: 'TCP' as const })

describe('a real listing of iptables', () => {
  const save = parseSave(listing('kube-proxy.iptables.txt'))
  const read = (ip: string) => iptablesRules(save, 'iptables-nft', tcp(ip))
  test('shows two endpoints with a half each, and how often they were used', () => {
    const rules = read('10.96.137.211')
    expect(rules).toMatchObject({ end: 'balanced', where: 'KUBE-SVC-ANJD5N4DR5C4BK23', remembers: false, sent: 31 + 39, fault: undefined })
    expect(rules.targets).toEqual([{ endpoint: '10.244.1.5:8080', share: 0.5 }, { endpoint: '10.244.2.7:8080', share: 0.5 }])
    expect(rulesFault(rules, ['10.244.1.5:8080', '10.244.2.7:8080'])).toBeUndefined()
  })
  test('shows session affinity without taking it for uneven shares', () => {
    const rules = read('10.96.155.252')
    expect(rules).toMatchObject({ remembers: true, sent: 31 + 15 + 1 + 1 })
    expect(rulesFault(rules, ['10.244.1.5:8080', '10.244.2.7:8080'])).toBeUndefined()
  })
  test('shows one endpoint, a refusal, and an address that nothing knows', () => {
    expect(rulesFault(read('10.96.93.24'), ['10.244.1.6:8080'])).toBeUndefined()
    expect(read('10.96.225.53')).toMatchObject({ end: 'refused' })
    expect(read('10.96.225.54')).toMatchObject({ end: 'missing' })
    expect(iptablesRules(save, 'iptables-nft', tcp('10.96.137.211', 81))).toMatchObject({ end: 'missing' })
  })
  test.each([0.3, 0.6, 0.95])('cut off after a share of %d of it is not believed', (part) => {
    const whole = listing('kube-proxy.iptables.txt')
    expect(() => parseSave(whole.slice(0, Math.floor(whole.length * part)))).toThrow(/rules/u)
  })
})

describe('a real listing of nftables', () => {
  const table = parseProxyTable(listing('kube-proxy.nft.json'))
  const read = (ip: string) => nftablesRules(table, tcp(ip))
  test('shows two endpoints with a half each', () => {
    const rules = read('10.96.15.134')
    expect(rules).toMatchObject({ end: 'balanced', where: 'service-4TDK2WAF-lab/hello/tcp/http', remembers: false, sent: undefined, fault: undefined })
    expect(rulesFault(rules, ['10.244.1.7:8080', '10.244.2.6:8080'])).toBeUndefined()
  })
  test('shows session affinity without taking it for rules of somebody else', () => {
    expect(read('10.96.108.231')).toMatchObject({ remembers: true, fault: undefined })
    expect(rulesFault(read('10.96.108.231'), ['10.244.1.7:8080', '10.244.2.6:8080'])).toBeUndefined()
  })
  test('shows one endpoint, a refusal, and an address that nothing knows', () => {
    expect(rulesFault(read('10.96.141.235'), ['10.244.2.5:8080'])).toBeUndefined()
    expect(read('10.96.144.28')).toMatchObject({ end: 'refused' })
    expect(read('10.96.144.29')).toMatchObject({ end: 'missing' })
  })
  test.each([0.3, 0.99])('cut off after a share of %d of it is not believed', (part) => {
    const whole = listing('kube-proxy.nft.json')
    expect(() => parseProxyTable(whole.slice(0, Math.floor(whole.length * part)))).toThrow('not told to its end')
  })
})
