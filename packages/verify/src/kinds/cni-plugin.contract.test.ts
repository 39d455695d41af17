import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'cni-plugin',
  healthy: () => ({ kind: 'cni-plugin' }),
  faults: {
    'no configuration on one node': (lab) => { lab.cni.files('a').clear() },
    'another configuration that sorts first': (lab) => { lab.cni.files('a').set('05-bridge.conf', JSON.stringify({ name: 'x', type: 'bridge' })) },
    'a device that is gone': (lab) => { lab.kernel.tunnels.set('a', undefined) },
  },
  nothing: (lab) => { for (const { name } of lab.nodes) lab.cni.files(name).clear() },
}, { describe, test })
