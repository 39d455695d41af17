import type { TraceHop, TraceResult } from '@hoplab/model'
import type { LabView, traceRequest } from '@hoplab/verify'

const hop = (kind: TraceHop['kind'], where: string, name: string, from: string): TraceHop =>
  ({ direction: 'request', kind, where, name, seen: 'captured', what: 'passed', before: { from, to: '10.244.2.1:8080' }, after: { from, to: '10.244.2.1:8080' } })

/** Follows no packet: a request always goes by `veth1` and `eth0` of worker-1, from the Pod's address or the node's. `first` may refuse. */
export function fakeTrace(first: (view: LabView) => void = () => {}): typeof traceRequest {
  return async (view, from, to) => {
    first(view)
    const ofNode = from.startsWith('node/')
    const source = ofNode ? '172.20.0.3:40000' : '10.244.1.1:40000'
    const result: TraceResult = {
      schemaVersion: 1, nonce: 'n', from: { name: ofNode ? 'node worker-1' : 'Pod matrix/one-a', node: 'worker-1' }, to: { name: to, address: '10.244.2.1:8080' },
      outcome: { class: 'OK', status: 200, what: 'It was answered.' }, captures: [], durationMs: 1,
      hops: [hop('client', 'Pod matrix/one-a', 'eth0', source), ...(ofNode ? [] : [hop('veth', 'worker-1', 'veth1', source)]), hop('uplink', 'worker-1', 'eth0', source), hop('server', 'Pod matrix/two-a', 'eth0', source)],
    }
    return { result, pcap: new Uint8Array() }
  }
}
