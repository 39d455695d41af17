import { expect, test } from 'vitest'
import type { DnsAnswer } from '../probes/request.ts'
import { isDenied } from './dns-said.ts'

const answer = (rcode: string, name: string, records: DnsAnswer['records'] = []) => ({ class: 'DNS', rcode, name, records, addresses: [] }) as unknown as DnsAnswer
const record = { name: 'shop.', type: 'SOA', data: 'ns.' } as unknown as DnsAnswer['records'][number]

test.each([
  ['NXDOMAIN', 'shop.lab.svc.cluster.local.', true], ['SERVFAIL', 'shop.lab.svc.cluster.local.', false], ['NOERROR', 'shop.lab.svc.cluster.local.', false],
  ['SERVFAIL', 'shop.', true], ['REFUSED', 'shop.', true], ['NOERROR', 'shop.', true],
] as const)('%s for %s: denied %s', (rcode, name, denied) => { expect(isDenied(answer(rcode, name))).toBe(denied) })

test('a name with a record is not denied', () => { expect(isDenied(answer('NOERROR', 'shop.', [record]))).toBe(false) })
