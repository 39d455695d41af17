import { describe, test } from 'node:test'
import { checkKindContract } from '@hoplab/verify/contract'
import { checkFields, defineCheckKind, z } from '@hoplab/verify/kind'
import { client, hello } from '@hoplab/verify/testing'

const alwaysGreen = defineCheckKind({
  spec: z.strictObject({ kind: z.literal('acme-always-green'), ...checkFields }),
  look: () => Promise.resolve({ state: 'green', nodes: [], evidence: [{ witness: 'me', observed: 'well', expected: 'well' }], why: 'All is well.' }),
})

checkKindContract({
  kind: alwaysGreen, programs: false, healthy: () => ({ kind: 'acme-always-green' }),
  faults: { 'no endpoint': (lab) => lab.service(hello.service, '10.96.1.1', { app: client.pod.name }) },
}, { describe, test })
