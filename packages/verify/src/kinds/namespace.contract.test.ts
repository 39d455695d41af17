import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'namespace',
  healthy: (lab) => {
    lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
    return { kind: 'namespace', pod: { name: 'pair' } }
  },
  faults: {
    'one container only': (lab) => { lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }) },
    "a Pod on its node's network": (lab) => { lab.pod({ name: 'pair', node: 'a', ip: '172.20.0.3', containers: ['app', 'side'], hostNetwork: true }) },
    'containers that share their processes': (lab) => { lab.runtime.changes.set('lab-pair-app', { pidSpace: 7 }).set('lab-pair-side', { pidSpace: 7 }) },
  },
}, { describe, test })
