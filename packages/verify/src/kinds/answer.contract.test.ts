import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

checkKindContract({
  kind: 'answer',
  answers: { source: '10.244.1.10' },
  healthy: () => ({ kind: 'answer', key: 'source', truth: { sourceSeen: { from: client, to: { ...hello, via: 'cluster-ip' } } } }),
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'an answer that is not right any more': (lab) => { lab.network.weather.masqueraded = true },
  },
}, { describe, test })
