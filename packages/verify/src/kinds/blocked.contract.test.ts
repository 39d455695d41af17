import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

const twin = { from: client, to: { ...hello, via: 'cluster-ip' } }

checkKindContract({
  kind: 'blocked',
  healthy: (lab) => {
    lab.pod({ name: 'stranger', node: 'b', ip: '10.244.2.30', command: ['sleep', 'infinity'] })
    lab.network.weather.between = (from) => (from === 'stranger' ? 'TIMEOUT' : undefined)
    return { kind: 'blocked', from: { pod: { name: 'stranger' } }, to: twin.to, control: twin }
  },
  faults: {
    'an open way': (lab) => { lab.network.weather.between = () => undefined },
    'a way cut after the handshake': (lab) => { lab.network.weather.between = (from) => (from === 'stranger' ? 'RESET' : undefined) },
    'a twin that is dead too': (lab) => { lab.network.weather.between = () => 'TIMEOUT' },
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('b>a') },
  },
}, { describe, test })
