import { expect, test } from 'vitest'
import { FakeClock } from '@hoplab/core/testing'
import { FoundHops } from './found-hops.ts'

test('what was found on a path stands for a while only: it may be mended, and broken elsewhere, since', () => {
  const clock = new FakeClock()
  const found = new FoundHops(clock)
  const hop = { hop: 'FORWARD on worker-1', decidedBy: 'a rule', command: 'iptables -S' }
  found.set('one', hop)
  expect([found.get('one'), found.get('other')]).toEqual([hop, undefined])
  clock.advance(9_000)
  expect(found.get('one')).toEqual(hop)
  clock.advance(2_000)
  expect(found.get('one')).toBeUndefined()
})
