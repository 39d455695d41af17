import { expect, test } from 'vitest'
import type { BrokenHop } from '@hoplab/model'
import { masqueradeFault } from './masquerade.ts'

const rule = (text: string) => ({ by: 1, rule: { table: 'nat', chain: 'KUBE-POSTROUTING', target: 'MASQUERADE', packets: 1, text } })
const risen = [rule('-A KUBE-POSTROUTING -j MASQUERADE')]

/** What is said of a request to 10.96.0.9:80 that `sightings` (`node from to`) saw on its way; `source` is whom the client's kernel expects the answer at. */
function said(sightings: readonly string[], source = '10.244.1.7'): BrokenHop | undefined {
  const request = sightings.map((one) => one.split(' ')).map(([node, from, to]) => ({ capture: { node }, ends: { from, to } }))
  const tracked = { original: { src: '10.244.1.7' }, reply: { dst: source } }
  return masqueradeFault({ flow: { request }, tracked, client: { node: 'a', position: 'worker-1' }, server: { node: 'b', position: 'worker-2' } } as never,
    { nodes: new Map([['a', { risen }], ['b', { risen: [] }]]) } as never)
}

const left = 'a 10.244.1.7:4000 10.96.0.9:80'

test.each([
  ['the bridge, which a request to a Service leaves translated', [left, 'a 10.244.1.7:4000 10.244.2.3:8080', 'a 10.244.1.0:5000 10.244.2.3:8080']],
  ['no bridge', [left, 'a 10.244.1.0:5000 10.244.2.3:8080']],
  ['nothing of the client\'s node but what the kernel keeps', [left, 'b 10.244.1.0:5000 10.244.2.3:8080']],
])('the client\'s node replaced the source, seen by %s', (_how, sightings) => {
  expect(said(sightings, '10.244.1.0')).toMatchObject({ hop: 'masquerade on worker-1', decidedBy: expect.stringMatching(/^on worker-1 the source 10\.244\.1\.7 was replaced by 10\.244\.1\.0: .*MASQUERADE/u) })
})

test('the server\'s node did, where the client\'s kernel knows nothing of it', () => {
  expect(said([left, 'a 10.244.1.7:4000 10.244.2.3:8080', 'b 10.244.1.7:4000 10.244.2.3:8080', 'b 10.244.2.1:5000 10.244.2.3:8080']))
    .toMatchObject({ hop: 'masquerade on worker-2', decidedBy: 'on worker-2 the source 10.244.1.7 was replaced by 10.244.2.1' })
})

test('nobody did when it arrived as it left', () => {
  expect(said([left, 'b 10.244.1.7:4000 10.244.2.3:8080'])).toBeUndefined()
})
