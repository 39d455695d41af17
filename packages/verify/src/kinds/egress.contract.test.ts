import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client } from '../testing/index.ts'

checkKindContract({
  kind: 'egress',
  healthy: () => ({ kind: 'egress', from: client }),
  faults: {
    'a node that lets Pod addresses out': (lab) => { lab.network.weather.internet.nodesTranslate = false },
    'a gateway that hides nobody': (lab) => { lab.network.weather.internet.gatewayTranslates = false },
    'an answer of somebody else': (lab) => { lab.network.weather.internet.nonce = 'old' },
    'a client on its node\'s network': (lab) => { lab.pod({ name: 'client', node: 'a', ip: '172.20.0.3', hostNetwork: true, command: ['sleep'] }) },
  },
}, { describe, test })
