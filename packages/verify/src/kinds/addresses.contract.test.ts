import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'addresses',
  healthy: () => ({ kind: 'addresses', pods: { name: 'client' } }),
  faults: {
    'an address that two Pods have': (lab) => { lab.pod({ name: 'twin', node: 'a', ip: '10.244.1.10' }) },
    'an address outside the pool': (lab) => { lab.pod({ name: 'far', node: 'a', ip: '192.168.77.9' }) },
  },
}, { describe, test })
