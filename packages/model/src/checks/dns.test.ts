import { describe, expect, test } from 'vitest'
import { dnsCheck } from './dns.ts'

const check = { id: 'c', kind: 'dns', title: { en: 'a', 'hi-Latn': 'a' }, from: { node: 'worker-1' } }
const accepts = (fields: object): boolean => dnsCheck.safeParse({ ...check, ...fields }).success

describe('a check of DNS', () => {
  test('has a name where none follows from what is expected', () => {
    expect(accepts({ expect: { podIpsOf: { name: 'web' } } })).toBe(false)
    expect(accepts({ name: 'web', expect: { podIpsOf: { name: 'web' } } })).toBe(true)
    expect(accepts({ expect: { srvOf: { service: 'web', port: 'http' } } })).toBe(true)
  })
  test('has none where an address is asked for', () => {
    expect(accepts({ name: 'web', expect: { ptrOf: { service: 'web' } } })).toBe(false)
    expect(accepts({ expect: { ptrOf: { pod: { name: 'web' } } } })).toBe(true)
  })
  test('expects one thing and knows its servers and transports', () => {
    expect(accepts({ expect: { clusterIpOf: { service: 'web' }, nxdomain: true } })).toBe(false)
    expect(accepts({ expect: { nxdomain: true }, servers: 'each', transport: 'both' })).toBe(true)
    expect(accepts({ expect: { nxdomain: true }, servers: 'all' })).toBe(false)
  })
})
