import { beforeEach, describe, expect, test } from 'vitest'
import { fieldAt } from '../scene/field.ts'
import { type FakeLab, helloLab } from '../testing/index.ts'

let lab: FakeLab
beforeEach(() => { lab = helloLab() })
const hello = { apiVersion: 'v1', kind: 'Service', name: 'hello' }
const look = async (expectations: object[], object: object = hello) => (await lab.verify([{ kind: 'object', object, expect: expectations } as never]))[0]

describe('object', () => {
  test.each([
    [[{ path: 'spec.ports[0].port', equals: 80 }]], [[{ path: 'spec.selector', equals: { app: 'hello' } }]], [[{ path: 'spec.ports', length: 1 }]], [[{ path: 'spec.externalName', exists: false }]],
  ])('passes on %j', async (expectations) => { expect(await look(expectations)).toMatchObject({ verdict: 'pass' }) })
  test.each([
    [[{ path: 'spec.ports[0].port', equals: 81 }]], [[{ path: 'spec.ports[0].port', equals: '80' }]], [[{ path: 'spec.nothing', length: 0 }]], [[{ path: 'spec.ports', length: 0 }]],
    [[{ path: 'spec.constructor', exists: true }]], [[{ path: 'spec.ports', length: 1 }, { path: 'spec.type', exists: true }]], [[{ path: 'spec.ports' }]],
  ])('fails on %j', async (expectations) => { expect(await look(expectations)).toMatchObject({ verdict: 'fail' }) })
  test('says what is there and what is asked', async () => {
    expect(await look([{ path: 'spec.ports[0].port', equals: 81 }])).toMatchObject({ why: 'Service lab/hello has spec.ports[0].port = 80; asked is: = 81.' })
  })
  test('a missing object meets nothing, not even the absence of a field', async () => {
    expect(await look([{ path: 'spec.x', exists: false }], { ...hello, name: 'bye' })).toMatchObject({ verdict: 'fail', why: 'There is no Service lab/bye.' })
  })
  test('waits for what is on its way', async () => {
    lab.after(100, () => lab.service('late', '10.96.1.7', { app: 'hello' }))
    lab.pod({ name: 'rolling', node: 'a', ip: '10.244.1.60', ready: false })
    lab.after(300, () => lab.pod({ name: 'rolling', node: 'a', ip: '10.244.1.60' }))
    expect(await look([{ path: 'spec.clusterIP', exists: true }], { ...hello, name: 'late' })).toMatchObject({ verdict: 'pass' })
  })
})

test.each([['a.b[1].c', 2], ['labels["x.io/y"]', 'z'], ["labels['x.io/y']", 'z'], ['a.b.0', { c: 1 }], ['a.q.r', undefined]])('fieldAt %s', (path, value) => {
  expect(fieldAt({ a: { b: [{ c: 1 }, { c: 2 }] }, labels: { 'x.io/y': 'z' } }, path)).toEqual(value)
})
