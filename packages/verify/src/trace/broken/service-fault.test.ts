import { expect, test } from 'vitest'
import type { Endpoint } from '../../scene/services.ts'
import type { Risen } from '../rules/iptables.ts'
import { refusalFault, serviceFault } from './service-fault.ts'

const rose = (chain: string, target: string, text: string, by: number): Risen => ({ by, rule: { table: 'filter', chain, target, packets: by, text } })
const refusing = [rose('KUBE-SERVICES', 'REJECT', '-d 10.96.0.9/32 -j REJECT', 1)]
const dropping = (match: string): Risen[] => [rose('FORWARD', 'DROP', `${match} -j DROP`, 3)]

/** Only what the function reads of a request that chose no endpoint. */
function faultWith(endpoints: readonly Pick<Endpoint, 'ip' | 'port'>[], risen: readonly Risen[] = refusing): ReturnType<typeof serviceFault> {
  const goal = { name: 'Service lab/web:80', address: '10.96.0.9', port: 80, endpoints, service: { metadata: { namespace: 'lab', name: 'web' } } }
  return serviceFault({ view: { networkFacts: { proxyMode: 'iptables' } } } as never, { origin: { node: 'a' }, goal } as never, { endpoint: undefined, rule: { detached: false, service: 'KUBE-SVC-X', targets: endpoints.length }, client: { address: '10.1.0.9', position: 'worker-1', node: 'a', own: {}, host: undefined } } as never, { nodes: new Map([['a', { risen, rules: [] }]]) } as never)
}

test('a Service without endpoints is where the packet ends', async () => {
  expect(await faultWith([])).toMatchObject({ hop: 'Service lab/web:80', decidedBy: expect.stringContaining('the Service has no ready endpoint') })
})

test('where kube-proxy refuses a Service that has endpoints, it is behind its slices', async () => {
  expect(await faultWith([{ ip: '10.1.0.2', port: 8080 }])).toMatchObject({ hop: 'kube-proxy on worker-1', decidedBy: expect.stringMatching(/^on worker-1 kube-proxy's rule still refuses Service lab\/web:80, as of a Service without endpoints, while its slices list 1: REJECT in chain KUBE-SERVICES/u) })
})

test.each(['-p tcp -m tcp --dport 8080', '-d 10.1.0.2/32', '-d 10.96.0.9/32'])('a rule of the client\'s own node that drops %s is named: its filter sees the packet as the Service led it', async (match) => {
  expect(await faultWith([{ ip: '10.1.0.2', port: 8080 }], dropping(match))).toMatchObject({ hop: 'FORWARD on worker-1', decidedBy: expect.stringContaining(`"${match} -j DROP"), counter +3`) })
})

test('and not one about where the Service leads nobody', async () => {
  for (const match of ['-d 10.1.0.3/32', '-p tcp -m tcp --dport 22']) expect(await faultWith([{ ip: '10.1.0.2', port: 8080 }], dropping(match))).toBeUndefined()
})

test('endpoints that lack the asked port are as good as none, and that is said', async () => {
  expect(await faultWith([{ ip: '10.1.0.2', port: undefined }, { ip: '10.1.0.3', port: undefined }])).toMatchObject({
    hop: 'Service lab/web:80', decidedBy: expect.stringContaining('the Service has 2 ready endpoints, none of which has the port it asks for'),
  })
})

test('a refusal is the server\'s, unless the request is proven not to have come there', () => {
  const server = { name: 'Pod lab/web', position: 'worker-2' }
  const told = { class: 'REFUSED', flow: { refusals: [{ packet: { tcp: { rst: true } } }] }, server, endpoint: '10.1.0.2:8080' }
  const asked = { goal: { name: 'Service lab/web:80', service: { metadata: { namespace: 'lab', name: 'web' } } } }
  const fault = (gap: object | undefined) => refusalFault(asked as never, { ...told, gap } as never)
  for (const gap of [undefined, { direction: 'reply', proven: true }, { direction: 'request', proven: false }]) expect(fault(gap)).toMatchObject({ hop: 'Service lab/web:80', decidedBy: expect.stringContaining('nothing listens on 10.1.0.2:8080') })
  expect(fault({ direction: 'request', proven: true })).toBeUndefined()
})
