import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'hairpin',
  healthy: (lab) => {
    lab.pod({ name: 'solo', node: 'b', ip: '10.244.2.30', labels: { app: 'solo' } })
    lab.service('solo', '10.96.1.2', { app: 'solo' })
    return { kind: 'hairpin', pod: { name: 'solo' }, to: { service: 'solo', port: 80 } }
  },
  faults: {
    'packets that do not come back': (lab) => { lab.network.weather.between = (from, to) => (from === to ? 'TIMEOUT' : undefined) },
    'no backend': (lab) => lab.service('solo', '10.96.1.2', { app: 'nobody' }),
    'another backend': (lab) => lab.service('solo', '10.96.1.2', { app: 'hello' }),
  },
}, { describe, test })
