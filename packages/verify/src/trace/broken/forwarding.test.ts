import type { NetworkFacts } from '@hoplab/model'
import { describe, expect, test } from 'vitest'
import type { Round } from '../../round.ts'
import { helloLab } from '../../testing/index.ts'
import type { Sighting } from '../flow.ts'
import type { NodeLook } from '../node/look-script.ts'
import type { Party } from '../stages.ts'
import { forwardingFault, routeFault } from './forwarding.ts'

const party = (position: string, nodeAddress: string): Party => ({ name: `Pod lab/${position}`, node: position, position, address: '10.244.9.9', nodeAddress, own: undefined, host: undefined })
const [near, far] = [party('worker-1', '172.20.0.3'), party('worker-2', '172.20.0.4')]
const { overlay: vxlan, ...rest } = helloLab().networkFacts
const plain: NetworkFacts = rest

/** What is said of a packet for a Pod of worker-2 that worker-1 would send this way. */
function said(facts: NetworkFacts, way: { device?: string; gateway?: string }, to = '10.244.2.11:8080'): string | undefined {
  const look: NodeLook = { forwards: true, deviceForwards: true, route: 'as it is', device: way.device, gateway: way.gateway, neighbours: [], fdb: [], proxyAlive: true }
  return routeFault({ view: { networkFacts: facts } } as Round, { at: near, towards: far, ends: { from: '10.244.1.10:1', to } }, look)?.hop
}
const missing = 'route to worker-2 on worker-1'

describe('a route to Pods of another node', () => {
  test('with a tunnel: into it, or straight to the node; the default route is none', () => {
    const tunnelled = { ...plain, overlay: vxlan! }
    expect(said(tunnelled, { device: 'flannel.1', gateway: '10.244.2.0' })).toBeUndefined()
    expect(said(tunnelled, { device: 'eth0', gateway: '172.20.0.4' })).toBeUndefined()
    expect(said(tunnelled, { device: 'eth0', gateway: '172.20.0.254' })).toBe(missing)
    expect(said(tunnelled, {})).toBe(missing)
  })
  test('without one: by way of the node, or on the nodes\' network itself; the default route is none', () => {
    expect(said(plain, { device: 'eth0', gateway: '172.20.0.4' })).toBeUndefined()
    expect(said(plain, { device: 'eth0' })).toBeUndefined()
    expect(said(plain, { device: 'eth0', gateway: '172.20.0.254' })).toBe(missing)
    expect(said(plain, { device: 'eth0', gateway: '172.20.0.2' })).toBe(missing)
    expect(said(plain, {})).toBe(missing)
  })
  test('to the node itself it may lead any way', () => {
    expect(said(plain, { device: 'eth0', gateway: '172.20.0.254' }, '172.20.0.4:10250')).toBeUndefined()
  })
})

test('the device that a node is asked about is the bridge where the packet was caught at one of its ports; none is blamed for what was going out', async () => {
  const link = { name: 'veth7', peer: undefined, bridge: 'weave', addresses: [] }
  const last = (way: 'in' | 'out') => ({ way, link: 7, capture: { links: new Map([[7, link]]) } }) as unknown as Sighting
  const asked: string[] = []
  const shell = (node: string) => ({ node, exec: (argv: readonly string[]) => {
    asked.push(argv[7] ?? '')
    return Promise.resolve({ exitCode: 0, stdout: `forward ${btoa('1\n0\n')}\nroute ${btoa('10.244.2.11 dev flannel.1')}\nneighbours ${btoa(' lladdr 02')}\nfdb \nproxy \nend ${argv[4]}`, stderr: '', durationMs: 1 })
  } })
  const hopOf = async (way: 'in' | 'out') => (await forwardingFault({ view: { shell, networkFacts: { ...plain, overlay: vxlan } } } as never, { at: near, from: undefined, towards: far, last: last(way), ends: { from: '10.244.1.10:1', to: '10.244.2.11:8080' }, state: undefined, answered: false }))?.hop
  expect([await hopOf('in'), await hopOf('out')]).toEqual(['forwarding of weave on worker-1', 'forwarding on worker-1'])
  expect(asked).toEqual(['weave', 'weave'])
})
