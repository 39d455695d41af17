import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

checkKindContract({
  kind: 'source',
  healthy: () => ({ kind: 'source', from: client, to: { ...hello, via: 'cluster-ip' }, expect: 'client-pod' }),
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'addresses translated on the way': (lab) => { lab.network.weather.masqueraded = true },
    'a server that hears another address than the kernel kept': (lab) => { lab.network.weather.serverHears = '10.244.1.77' },
  },
}, { describe, test })
