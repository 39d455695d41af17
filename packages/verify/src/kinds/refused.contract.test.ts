import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

const twin = { from: client, to: { ...hello, via: 'cluster-ip' } }

checkKindContract({
  kind: 'refused',
  healthy: (lab) => {
    lab.service('empty', '10.96.1.9', { app: 'nobody' })
    return { kind: 'refused', from: client, to: { service: 'empty', port: 80 }, control: twin }
  },
  faults: {
    'a Service that has endpoints': (lab) => lab.service('empty', '10.96.1.9', { app: 'hello' }),
    'no rule that refuses': (lab) => { lab.rules.spoil = (listing) => listing.replaceAll('10.96.1.9', '10.96.1.8') },
    'a twin that is dead': (lab) => { lab.network.weather.between = () => 'TIMEOUT' },
  },
}, { describe, test })
