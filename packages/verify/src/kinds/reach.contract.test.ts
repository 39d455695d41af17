import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

checkKindContract({
  kind: 'reach',
  healthy: () => ({ kind: 'reach', from: client, to: hello, count: 40 }),
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'DNS that does not answer': (lab) => { lab.names = undefined },
    'a server that answers with an error': (lab) => { lab.network.weather.status = (pod) => (pod === 'hello-b' ? 503 : 200) },
  },
}, { describe, test })
