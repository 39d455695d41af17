import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'sysctl',
  healthy: () => ({ kind: 'sysctl' }),
  faults: {
    'a node that does not forward': (lab) => { lab.kernel.settings('a').set('net/ipv4/ip_forward', '0') },
    'bridged packets that pass no rules': (lab) => { lab.kernel.settings('b').set('net/bridge/bridge-nf-call-iptables', '0') },
  },
  nothing: (lab) => { for (const { name } of lab.nodes) lab.kernel.settings(name).clear() },
}, { describe, test })
