import { describe, test } from 'node:test'
import { labFileWith } from '@hoplab/model'
import { createVerifier } from '@hoplab/verify'
import { checkKindContract } from '@hoplab/verify/contract'
import { client, hello } from '@hoplab/verify/testing'
import { manyServers } from './many-servers.ts'

checkKindContract({
  kind: manyServers,
  healthy: () => ({ kind: 'acme-many-servers', from: client, to: hello }),
  faults: {
    'no endpoint': (lab) => lab.service('hello', '10.96.1.1', { app: 'helo' }),
    'one server only': (lab) => { lab.kube.objects.delete('v1 Pod lab/hello-b'); lab.network.syncSlices() },
    'a dead path between the nodes': (lab) => { lab.network.weather.brokenPaths.add('a>b') },
  },
}, { describe, test })

test('a lab file may use it, and what it says has its type', () => {
  createVerifier({ kinds: [manyServers] })
  const text = { en: 'x', 'hi-Latn': 'x' }
  const check = { id: 'c', title: text, kind: 'acme-many-servers', from: client, to: hello }
  const step = { id: 's', title: text, text: '01-x', hints: [1, 2, 3].map((cost) => ({ cost, text })), checks: [check] }
  const lab = labFileWith([manyServers]).parse({ id: 'l', section: 1, title: text, summary: text, minutes: 5, workers: 2, cnis: ['flannel'], namespaces: ['lab'], steps: [step] })
  for (const read of lab.steps[0]?.checks ?? []) {
    const atLeast: number = read.kind === 'acme-many-servers' ? read.atLeast : 0
    if (atLeast !== 2) throw new Error(`atLeast is ${atLeast}`)
  }
})
