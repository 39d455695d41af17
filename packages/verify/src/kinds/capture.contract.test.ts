import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'

checkKindContract({
  kind: 'capture',
  healthy: (lab) => {
    lab.wire.works = true
    return { kind: 'capture', from: { pod: { name: 'client' } }, to: { pod: { name: 'hello-b' }, port: 8080 }, expect: 'overlay' }
  },
  faults: {
    'packets without a tunnel': (lab) => { lab.wire.tunnels.set('a', undefined).set('b', undefined) },
    'a tunnel of another number': (lab) => { lab.wire.tunnels.set('a', { vni: 7, port: 8472 }).set('b', { vni: 7, port: 8472 }) },
    'a server on the same node': (lab) => { lab.pod({ name: 'hello-b', node: 'a', ip: '10.244.1.12' }) },
    'a server that does not answer': (lab) => { lab.network.weather.between = () => 'TIMEOUT' },
    'a path that is broken': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
  },
}, { describe, test })
