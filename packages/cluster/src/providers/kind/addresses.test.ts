import { expect, test } from 'vitest'
import { highestFree, rangeOf, toAddress, toNumber } from './addresses.ts'
import { planOf } from './network.ts'

test('addresses above 127 keep their order', () => {
  expect(toAddress(toNumber('203.0.113.7'))).toBe('203.0.113.7')
  expect(toNumber('203.0.113.7')).toBeGreaterThan(toNumber('10.0.0.1'))
})

test('the highest free address is below broadcast and not taken', () => {
  expect(highestFree('10.96.0.0/16', new Set())).toBe('10.96.255.254')
  expect(highestFree('10.244.1.0/24', new Set(['10.244.1.254', '10.244.1.253']))).toBe('10.244.1.252')
  expect(highestFree('10.0.0.0/30', new Set(['10.0.0.1', '10.0.0.2']))).toBeUndefined()
})

test('a network has the host at its start and the gateway at its end', () => {
  expect(planOf('172.28.8.0/24')).toEqual({ subnet: '172.28.8.0/24', containers: '172.28.8.0/24', host: '172.28.8.1', gateway: '172.28.8.254' })
  expect(planOf('172.28.8.0/22')).toEqual({ subnet: '172.28.8.0/22', containers: '172.28.8.0/27', host: '172.28.8.1', gateway: '172.28.8.30' })
  expect(rangeOf('172.28.8.77/24')).toEqual(rangeOf('172.28.8.0/24'))
})
