import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

const probed = { name: 'probed', node: 'a', ip: '10.244.1.20', readinessProbe: { httpGet: { path: '/healthz', port: 8080 } } }

checkKindContract({
  kind: 'kubelet',
  healthy: (lab) => {
    lab.pod(probed)
    return { kind: 'kubelet', pods: { name: 'probed' } }
  },
  faults: {
    'a Pod that is not Ready': (lab) => { lab.pod({ ...probed, ready: false }) },
    'a probe that stays inside the Pod': (lab) => { lab.pod({ ...probed, readinessProbe: { exec: { command: ['true'] } } }) },
    'a node that does not reach its Pod': (lab) => { lab.network.weather.between = (_from, to) => (to === 'probed' ? 'TIMEOUT' : undefined) },
    'a Pod that does not reach its node': (lab) => { lab.network.weather.ownNode = () => ({ class: 'TIMEOUT' }) },
    'a server that hears another address': (lab) => { lab.network.weather.serverHears = '10.244.1.77' },
  },
}, { describe, test })
