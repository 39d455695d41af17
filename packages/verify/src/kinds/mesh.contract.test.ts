import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'mesh',
  healthy: () => ({ kind: 'mesh', pods: { labels: { app: 'hello' } }, port: 8080, podCount: 2 }),
  faults: {
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'a control plane that reaches no Pod': (lab) => { lab.network.weather.between = (from) => (from === 'k' ? 'TIMEOUT' : undefined) },
    'a Pod on whose port nobody listens': (lab) => { lab.network.weather.listening.set('hello-b', []) },
    'a Pod that does not run': (lab) => { lab.pod({ name: 'hello-b', node: 'b', ip: '10.244.2.11', labels: { app: 'hello' }, waiting: 'CrashLoopBackOff' }) },
    'all Pods on one node': (lab) => { lab.pod({ name: 'hello-b', node: 'a', ip: '10.244.1.12', labels: { app: 'hello' } }) },
  },
}, { describe, test })
