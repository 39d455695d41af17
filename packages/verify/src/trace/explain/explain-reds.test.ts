import { Deadline } from '@hoplab/core'
import { beforeEach, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../../testing/index.ts'
import { askScript, beginScript, finishScript } from '../node/scripts.ts'
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
  using deadline = Deadline.start('test', 280_000)
  const hops = await explainReds(lab, far(12), deadline)
  expect([most, begun]).toEqual([3, 9])
  expect(hops.map((hop) => hop !== undefined)).toEqual([...Array.from({ length: 9 }, () => true), false, false, false])
})

test('reds on one path are one look', async () => {
  using deadline = Deadline.start('test', 280_000)
  const [red] = far(1)
  const hops = await explainReds(lab, [red!, { ...red! }, { ...red! }], deadline)
  expect(begun).toBe(1)
  expect(hops[0]).toBeDefined()
  expect(hops).toEqual([hops[0], hops[0], hops[0]])
})

test('one request that was too slow does not hide what the others show', async () => {
  using deadline = Deadline.start('test', 280_000)
  lab.pod({ name: 'far', node: 'b', ip: '10.244.2.100', labels: { app: 'far' } })
  lab.service('far', '10.96.1.77', { app: 'far' })
  let asked = 0
  lab.rewrite = (_node, [, , script], printed) => {
    if (script !== askScript) return printed
    asked += 1
    return { ...printed, stdout: printed.stdout.replace(/^told 0 .*$/mu, `told 0 ${btoa('0 28 0 1')}`) }
  }
  const [hop] = await explainReds(lab, [{ spec: { kind: 'source', from: client, to: { pod: { name: 'far' }, port: 8080 }, expect: 'client-pod' } as never, firstBrokenHop: undefined }], deadline)
  expect([asked, hop?.hop]).toEqual([1, 'masquerade on a'])
})
