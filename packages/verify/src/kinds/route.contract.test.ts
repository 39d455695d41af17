import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'route',
  healthy: () => ({ kind: 'route', to: { name: 'hello-b' } }),
  faults: {
    'no route': (lab) => { lab.kernel.routes.set('a 10.244.2.11', undefined) },
    'a route by another device': (lab) => { lab.kernel.routes.set('a 10.244.2.11', { dev: 'eth0', gateway: '172.20.0.4' }) },
    'a forwarding entry to another node': (lab) => { lab.kernel.entries.set(`a ${lab.kernel.mac('b')}`, '172.20.0.2') },
    'no neighbour entry': (lab) => { lab.kernel.entries.set('a 10.244.2.0', undefined) },
  },
}, { describe, test })
