import { expect, test } from 'vitest'
import { wanted } from './packages.ts'

test('a daemon that is there keeps its package: docker.io would take the place of docker-ce', () => {
  expect(wanted(true)).not.toContain('docker.io')
  expect(wanted(true)).toContain('iptables')
  expect(wanted(false)).toEqual(['docker.io', ...wanted(true)])
})
