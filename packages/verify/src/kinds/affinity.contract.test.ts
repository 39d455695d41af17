import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

checkKindContract({
  kind: 'affinity',
  healthy: (lab) => {
    lab.network.weather.weights.set('hello-a', 0)
    lab.kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'hello', namespace: 'lab' }, spec: { clusterIP: '10.96.1.1', sessionAffinity: 'ClientIP', ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'hello' } } })
    return { kind: 'affinity', from: client, to: hello }
  },
  faults: {
    'a selector that picks nothing': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'any backend for any connection': (lab) => { lab.network.weather.weights.clear() },
    'rules that remember nobody': (lab) => { lab.service('hello', '10.96.1.1', { app: 'hello' }) },
    'one dead backend': (lab) => { lab.network.weather.listening.set('hello-a', []) },
  },
}, { describe, test })
