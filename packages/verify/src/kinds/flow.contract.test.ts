import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client } from '../testing/index.ts'

checkKindContract({
  kind: 'flow',
  healthy: (lab) => {
    lab.service('datagrams', '10.96.1.5', { app: 'hello' }, 8080, 'UDP')
    return { kind: 'flow', from: client, to: { service: 'datagrams', port: 80 } }
  },
  faults: {
    'a record that leads to a dead Pod': (lab) => { lab.network.record('a', 'udp', { src: '10.244.1.10', sport: 4_444, dst: '10.96.1.5', dport: 80 }, { src: '10.244.2.99', sport: 8_080, dst: '10.244.1.10', dport: 4_444 }) },
    'a flow that breaks off': (lab) => { lab.network.weather.flow = (index) => (index > 4 ? { class: 'TIMEOUT' } : undefined) },
    'an answer of somebody who is no endpoint': (lab) => { lab.network.weather.flow = (index) => (index === 7 ? { class: 'OK', body: { pod: 'gone', local: '10.244.2.99:8080' } } : undefined) },
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'a selector that picks nothing': (lab) => lab.service('datagrams', '10.96.1.5', { app: 'helo' }, 8080, 'UDP'),
  },
}, { describe, test })
