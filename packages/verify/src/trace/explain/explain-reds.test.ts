import { Deadline } from '@hoplab/core'
import { beforeEach, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../../testing/index.ts'
import { beginScript, finishScript } from '../node/scripts.ts'
import { explainReds } from './explain-reds.ts'
import type { Red } from './red-paths.ts'

let lab: FakeLab
/** Captures that ran at the same time at most, and one entry for each that was begun on node a. */
let most: number
let begun: number
beforeEach(() => {
  lab = helloLab()
  lab.wire.works = true
  // A masquerade that is too wide: everything arrives, from the node's address.
  lab.wire.source = '172.18.0.2'
  most = 0
  begun = 0
  const open = new Set<string>()
  lab.rewrite = (node, [, , script, , id = ''], printed) => {
    if (node !== 'a') return printed
    if (script === beginScript) { begun += 1; most = Math.max(most, open.add(id).size) }
    if (script === finishScript) open.delete(id)
    return printed
  }
})

const redTo = (name: string): Red => ({ spec: { kind: 'source', from: client, to: { pod: { name }, port: 8080 }, expect: 'client-pod' } as never, firstBrokenHop: undefined })
const far = (count: number): Red[] => Array.from({ length: count }, (_, index) => {
  lab.pod({ name: `far-${index}`, node: 'b', ip: `10.244.2.${100 + index}` })
  return redTo(`far-${index}`)
})

test('paths are looked at three at a time, nine at most, and each red that was looked at has its hop', async () => {
  using deadline = Deadline.start('test', 60_000)
  const hops = await explainReds(lab, far(12), deadline)
  expect([most, begun]).toEqual([3, 9])
  expect(hops.map((hop) => hop !== undefined)).toEqual([...Array.from({ length: 9 }, () => true), false, false, false])
})

test('reds on one path are one look', async () => {
  using deadline = Deadline.start('test', 60_000)
  const [red] = far(1)
  const hops = await explainReds(lab, [red!, { ...red! }, { ...red! }], deadline)
  expect(begun).toBe(1)
  expect(hops[0]).toBeDefined()
  expect(hops).toEqual([hops[0], hops[0], hops[0]])
})
