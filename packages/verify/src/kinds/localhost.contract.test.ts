import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'localhost',
  healthy: (lab) => {
    lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app', 'side'] })
    lab.network.weather.local.set('control-a', [{ port: 8080, container: 'hoplab-control-control-a-main' }])
      .set('pair', [{ port: 8080, container: 'lab-pair-app' }, { port: 7070, container: 'lab-pair-side' }])
    return { kind: 'localhost', pod: { name: 'pair' }, listeners: [{ port: 8080, container: 'app' }, { port: 7070, container: 'side' }] }
  },
  faults: {
    'a port where nobody listens': (lab) => { lab.network.weather.local.set('pair', [{ port: 8080, container: 'lab-pair-app' }]) },
    'one container on both ports': (lab) => { lab.network.weather.local.set('pair', [8080, 7070].map((port) => ({ port, container: 'lab-pair-app' }))) },
    'one container only': (lab) => { lab.pod({ name: 'pair', node: 'a', ip: '10.244.1.20', containers: ['app'] }) },
    "a Pod on its node's network": (lab) => { lab.pod({ name: 'pair', node: 'a', ip: '172.20.0.3', containers: ['app', 'side'], hostNetwork: true }) },
  },
}, { describe, test })
