import { Deadline } from '@hoplab/core'
import type { BrokenHop } from '@hoplab/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { client, type FakeLab, helloLab } from '../../testing/index.ts'
import { beginScript } from '../node/scripts.ts'
import { Explainer } from './explainer.ts'
import type { Red } from './red-paths.ts'

let lab: FakeLab
let deadline: Deadline
let looked: number
let told: { subject: string; hop: BrokenHop | undefined }[]
let confirmed: { subject: string; hop: BrokenHop }[]
let explainer: Explainer<string>
const red: Red = { spec: { kind: 'source', from: client, to: { pod: { name: 'far' }, port: 8080 }, expect: 'client-pod' } as never, firstBrokenHop: undefined }

beforeEach(() => {
  lab = helloLab()
  lab.pod({ name: 'far', node: 'b', ip: '10.244.2.100' })
  lab.wire.works = true
  // A masquerade that is too wide: everything arrives, from the node's address.
  lab.wire.source = '172.18.0.2'
  looked = 0
  lab.rewrite = (node, [, , script], printed) => {
    if (node === 'a' && script === beginScript) looked += 1
    return printed
  }
  told = []
  confirmed = []
  deadline = Deadline.start('test', 280_000)
  explainer = new Explainer(lab, deadline, { tell: (subject, hop) => { told.push({ subject, hop }) }, confirm: (subject, hop) => { confirmed.push({ subject, hop }) } })
})
afterEach(() => { deadline[Symbol.dispose]() })

test('what is found of a foreseen red confirms it, and is not told as if it had been asked for', async () => {
  explainer.foresee('one', red)
  await explainer.ended()
  expect([told, confirmed, looked]).toEqual([[], [{ subject: 'one', hop: expect.objectContaining({ hop: 'masquerade on a' }) }], 1])
})

test('a red that comes while its path is looked at waits for that look, and is told once', async () => {
  explainer.foresee('one', red)
  await Promise.resolve()
  explainer.explain('one', red)
  await explainer.ended()
  expect([told.length, told[0]?.hop?.hop, looked]).toEqual([1, 'masquerade on a', 1])
})

test('what was foreseen and did not come is told nobody', async () => {
  explainer.foresee('before', red)
  explainer.forget('before')
  explainer.foresee('meanwhile', red)
  lab.rewrite = (_node, [, , script], printed) => {
    if (script === beginScript) explainer.forget('meanwhile')
    return printed
  }
  await explainer.ended()
  expect([told, confirmed]).toEqual([[], []])
})

test('a foreseen red whose path shows nothing is left to the next look', async () => {
  lab.wire.source = undefined
  explainer.foresee('one', red)
  await explainer.ended()
  expect([told, confirmed]).toEqual([[], []])
})

test('a red at another place than the one that was foreseen is looked at itself', async () => {
  explainer.foresee('one', { ...red, firstBrokenHop: 'path a → b' })
  explainer.explain('one', red)
  await explainer.ended()
  expect(told).toEqual([{ subject: 'one', hop: expect.objectContaining({ hop: 'masquerade on a' }) }])
})

test('a red whose path shows nothing is told without a hop', async () => {
  lab.wire.source = undefined
  explainer.explain('one', red)
  await explainer.ended()
  expect(told).toEqual([{ subject: 'one', hop: undefined }])
})

test('a loss that nothing was found for confirms no silence, and is told of one that is believed', async () => {
  lab.wire.source = undefined
  lab.wire.knowsFarEnd = true
  for (const path of ['a>b', 'b>a']) lab.network.weather.brokenPaths.add(path)
  explainer.foresee('one', red)
  await explainer.ended()
  expect([told, confirmed]).toEqual([[], []])
  explainer.explain('one', red)
  await explainer.ended()
  expect(told).toEqual([{ subject: 'one', hop: expect.objectContaining({ hop: 'forwarding on a', inferred: true }) }])
  lab.wire.knowsFarEnd = false
  explainer.foresee('two', { ...red, spec: { ...red.spec, from: { pod: { name: 'hello-a' } } } as never })
  await explainer.ended()
  expect(confirmed).toEqual([{ subject: 'two', hop: expect.objectContaining({ hop: 'VXLAN a → b' }) }])
})
