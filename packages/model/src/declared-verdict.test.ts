import { expect, test } from 'vitest'
import { isForNetwork } from './declared-verdict.ts'

const both = ['iptables', 'nftables'] as const
test.each([
  ['every CNI where none is named', { proxyModes: [...both] }, 'weave', 'nftables', true],
  ['a CNI that is named', { proxyModes: [...both], cnis: ['flannel' as const, 'calico' as const] }, 'calico', 'iptables', true],
  ['no CNI but those that are named', { proxyModes: [...both], cnis: ['flannel' as const] }, 'weave', 'iptables', false],
  ['no mode but those that are named', { proxyModes: ['iptables' as const], cnis: ['flannel' as const] }, 'flannel', 'nftables', false],
] as const)('a fault is for %s', (_which, { proxyModes, ...more }, cni, proxyMode, is) => {
  expect(isForNetwork({ proxyModes: [...proxyModes], ...('cnis' in more ? { cnis: [...more.cnis] } : {}) }, { cni, proxyMode })).toBe(is)
})
