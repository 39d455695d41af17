import { expect, test } from 'vitest'
import { pcap, segment, sleeved, syn, wrapped } from '../../testing/fake-packets.ts'
import { captureOf, type Tunnel } from './captured.ts'
import type { ScriptOutput } from './read-lines.ts'

const [first, last] = [62_001, 62_002]
const inner = segment({ from: '10.32.0.2:40000', to: '10.40.0.1:8080', seq: 1, ack: 0, flags: syn, payload: '' })
const outer = { from: '172.20.0.3:6783', to: '172.20.0.4:6783' }
const control = (port: number) => ({ link: 1, way: 'out', packet: segment({ from: '127.0.0.1:40000', to: `127.0.0.1:${port}`, seq: 1, ack: 0, flags: syn, payload: '' }) }) as const

function capture(tunnel: Tunnel, between: { packet: Uint8Array; cut?: number }, { ports = [first, last], said = '2 packets captured\n0 packets dropped by kernel' } = {}) {
  const frames = ports.map(control)
  const output = { bytes: () => pcap([...frames.slice(0, 1), { link: 2, way: 'out', ...between }, ...frames.slice(1)]), text: (name: string) => (name.startsWith('said') ? said : '[]') }
  return captureOf(output as unknown as ScriptOutput, { place: 'node', node: 'a' }, { first, last, tunnel })
}

test('addresses that were not resolved are those that the kernel lists, and none where it lists none', () => {
  const unresolved = (listed: string) => captureOf({ bytes: () => undefined, text: (name: string) => ({ 'links node': '[]', 'neighbours node': listed })[name] ?? '' } as unknown as ScriptOutput, { place: 'node', node: 'a' }, { first, last, tunnel: undefined }).unresolved
  expect(unresolved('10.32.0.9 dev eth0 INCOMPLETE \n10.32.0.7 dev eth0  FAILED \n')).toEqual(['10.32.0.9', '10.32.0.7'])
  expect(unresolved('')).toEqual([])
})

const sleeve: Tunnel = { kind: 'udp', port: 6783 }
test('a packet of which the beginning was kept proves nothing where others may be behind it, and much where one is inside', () => {
  const whole = capture(sleeve, { packet: sleeved(outer, inner) })
  expect(whole).toMatchObject({ proven: true })
  expect(whole.packets.map(({ packet }) => packet.inside?.packet.tcp?.to)).toContain('10.40.0.1:8080')
  expect(capture(sleeve, { packet: sleeved(outer, inner), cut: 30 })).toMatchObject({ proven: false, doubt: expect.stringContaining('less than a whole packet') })
  expect(capture({ kind: 'vxlan', port: 8472 }, { packet: wrapped({ from: '172.20.0.3:4000', to: '172.20.0.4:8472', vni: 1 }, inner), cut: 4 })).toMatchObject({ proven: true })
})

test('a control packet that is not there, and how much was caught before, is said', () => {
  expect(capture(sleeve, { packet: inner }, { ports: [last] }).doubt).toBe('missed the control packet before the request')
  expect(capture(sleeve, { packet: inner }, { ports: [first], said: '4000 packets captured\n0 packets dropped by kernel' }).doubt).toBe('missed the control packet after the request, having caught 4000 packets')
})
