import { describe, test } from 'vitest'
import { checkKindContract } from '../contract/index.ts'
import { client, hello } from '../testing/index.ts'

const control = { kind: 'reach', from: client, to: hello }

checkKindContract({
  kind: 'negative',
  healthy: () => ({ kind: 'negative', broken: { ...control, to: { nobody: 'pod-ip', port: 8080 } }, control }),
  faults: {
    'a twin in order that is red too': (lab) => { lab.network.weather.between = () => 'TIMEOUT' },
    'somebody at every address that is said to be nobody\'s': (lab) => {
      lab.pod({ name: 'squatter', node: 'b', ip: '10.244.1.250' })
      lab.nobody = () => Promise.resolve('10.244.1.250')
    },
  },
}, { describe, test })
