import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client } from '../testing/index.ts'

checkKindContract({
  kind: 'mtu',
  healthy: () => ({ kind: 'mtu', from: client, to: { name: 'hello-b' } }),
  faults: {
    'Pods whose packets do not fit once they are wrapped': (lab) => { lab.network.weather.mtu.pod = 1_500 },
    'a way that carries less than the devices say': (lab) => { lab.network.weather.mtu.way = 1_400 },
    'an uplink that carries less than before': (lab) => { lab.network.weather.mtu.uplink = 1_480 },
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
    'nobody on another node': (lab) => { lab.pod({ name: 'hello-b', node: 'a', ip: '10.244.1.12', labels: { app: 'hello' } }) },
  },
}, { describe, test })
