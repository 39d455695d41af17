import { expect, test } from 'vitest'
import { type Origin, ruledOn } from './origin.ts'

const from: Origin[] = [{ name: 'node worker-1', node: 'w1', from: { node: true }, pod: undefined, at: (command) => command }]

test.each([
  ['a Service by name', { service: 'web', port: 80 }, ['w1']],
  ['a Service by address', { service: 'web', port: 80, via: 'cluster-ip' as const }, ['w1']],
  ['an unused ClusterIP', { nobody: 'cluster-ip' as const, port: 80 }, ['w1']],
  ['a Pod', { pod: { name: 'web' }, port: 8080 }, []],
  ['an unused Pod address', { nobody: 'pod-ip' as const, port: 80 }, []],
])('kube-proxy of the origin decides about %s: %#', (_what, target, nodes) => {
  expect(ruledOn(target, from)).toEqual(nodes)
})
