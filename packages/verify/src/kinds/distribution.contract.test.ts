import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

checkKindContract({
  kind: 'distribution',
  healthy: () => ({ kind: 'distribution', from: client, to: { ...hello, via: 'cluster-ip' }, backends: { labels: { app: 'hello' } }, backendCount: 2 }),
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'one backend that gets three times as much': (lab) => { lab.network.weather.weights.set('hello-a', 3) },
    'one backend too few': (lab) => { lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, ready: false }) },
    'a stranger who answers too': (lab) => {
      lab.pod({ name: 'stranger', node: 'b', ip: '10.244.2.40', labels: { tier: 'web' } })
      for (const [name, node, ip] of [['hello-a', 'a', '10.244.1.11'], ['hello-b', 'b', '10.244.2.11']] as const) lab.pod({ name, node, ip, labels: { app: 'hello', tier: 'web' } })
      lab.service('hello', '10.96.1.1', { tier: 'web' })
    },
  },
}, { describe, test })
