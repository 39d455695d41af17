import type { TraceResult } from '@hoplab/model'
import { expect, test } from 'vitest'
import { traceText } from './trace-text.ts'

const ends = { from: '10.244.2.8:61000', to: '10.96.4.82:80' }
const broken: TraceResult = {
  schemaVersion: 1, nonce: 'n', from: { name: 'Pod tr/client', node: 'worker-1' }, to: { name: 'Service tr/far:80', address: '10.96.4.82:80' },
  outcome: { class: 'TIMEOUT', what: 'The request to Service tr/far:80 got no answer in time.' }, durationMs: 2_345,
  hops: [
    { direction: 'request', kind: 'client', where: 'Pod tr/client', name: 'eth0', seen: 'captured', what: 'the connection is opened', before: ends, after: ends },
    { direction: 'request', kind: 'service', where: 'worker-1', name: 'KUBE-SVC-A', seen: 'tracked', what: 'an endpoint is chosen', before: ends, after: { ...ends, to: '10.244.1.7:8080' } },
    { direction: 'request', kind: 'uplink', where: 'worker-1', name: 'not seen', seen: 'inferred', what: 'the packet\u001b[31m leaves' },
  ],
  firstBroken: { hop: 'VXLAN worker-1 → worker-2', decidedBy: 'DROP in chain INPUT on worker-2, counter +2', command: 'hoplab shell toolbox/worker-2' },
  captures: [{ where: 'worker-1', proven: true, packets: 3 }, { where: 'worker-2', proven: false, packets: 0 }],
}

test('a trace reads as one line per hop, and ends with where it broke', () => {
  expect(traceText(broken, { colour: false, unicode: true, live: false })).toMatchInlineSnapshot(`
    "From Pod tr/client on worker-1 to Service tr/far:80, address 10.96.4.82:80
    The request:
      1. Pod tr/client, eth0: the connection is opened; from 10.244.2.8:61000 to 10.96.4.82:80 (captured)
      2. worker-1, KUBE-SVC-A: an endpoint is chosen; it came from 10.244.2.8:61000 to 10.96.4.82:80 and goes from 10.244.2.8:61000 to 10.244.1.7:8080 (tracked)
      3. worker-1, not seen: the packet leaves (inferred)
    The request to Service tr/far:80 got no answer in time.
    First broken hop: VXLAN worker-1 → worker-2
      decided by: DROP in chain INPUT on worker-2, counter +2
      look yourself: hoplab shell toolbox/worker-2
    The captures in these places did not catch their own control packets, so nothing is said about what is missing there: worker-2.
    captured = the packet was caught there; tracked = the kernel's record of this connection; inferred = not seen, but it must have passed. 2.3 s."
  `)
})
