import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'endpoints',
  programs: false,
  healthy: () => ({ kind: 'endpoints', service: 'hello', port: 80, backendCount: 2 }),
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a backend that is not Ready': (lab) => {
      lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready: false })
      lab.network.syncSlices()
    },
    'one backend too many': (lab) => {
      lab.pod({ name: 'hello-c', node: 'b', ip: '10.244.2.12', labels: { app: 'hello' } })
      lab.network.syncSlices()
    },
  },
}, { describe, test })
