import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client } from '../testing/index.ts'

checkKindContract({
  kind: 'dns',
  healthy: (lab) => {
    lab.ttl = 1
    return { kind: 'dns', from: client, name: 'hello', expect: { clusterIpOf: { service: 'hello' } } }
  },
  faults: {
    'DNS that does not answer': (lab) => { lab.names = undefined },
    'another address': (lab) => { lab.names?.set('hello.lab', ['198.51.100.7']) },
    'one address too many': (lab) => { lab.names?.set('hello.lab', ['10.96.1.1', '198.51.100.7']) },
    'a name that is not known': (lab) => { lab.names?.delete('hello.lab') },
  },
}, { describe, test })
