import { expect, test } from 'vitest'
import { routeInPlainWords } from './route-refusal.ts'

test.each([
  ['RTNETLINK answers: Invalid argument', 'a blackhole route (RTNETLINK answers: Invalid argument)'],
  ['RTNETLINK answers: Network is unreachable', 'no route that leads there (RTNETLINK answers: Network is unreachable)'],
  ['RTNETLINK answers: Out of memory', 'refused by the kernel (RTNETLINK answers: Out of memory)'],
  ['10.244.1.5 via 172.18.0.3 dev eth0 src 172.18.0.2 uid 0 ', '10.244.1.5 via 172.18.0.3 dev eth0 src 172.18.0.2 uid 0 '],
])('%s', (line, said) => {
  expect(routeInPlainWords(line)).toBe(said)
})
